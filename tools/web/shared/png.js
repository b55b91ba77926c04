/** Writes PNG files with straight alpha, exactly: a canvas would multiply colours by alpha, and round them. */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const RGBA8 = [8, 6, 0, 0, 0];
/** Says that the colours are sRGB, perceptual. */
const SRGB = new Uint8Array([0]);

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) {
    rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  }
  return rest;
});

/**
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array | Uint8ClampedArray} pixels straight RGBA8, row by row
 * @returns {Promise<Blob>}
 */
export async function encodePng(width, height, pixels) {
  const row = width * 4;
  const rows = new Uint8Array((row + 1) * height);
  for (let y = 0; y < height; y++) {
    // Each byte less the one above it ("Up") packs drawings well.
    rows[y * (row + 1)] = 2;
    for (let x = 0; x < row; x++) {
      rows[y * (row + 1) + 1 + x] = pixels[y * row + x] - (y ? pixels[(y - 1) * row + x] : 0);
    }
  }
  const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'));
  const header = Uint8Array.of(...bytes(width), ...bytes(height), ...RGBA8);
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', header),
    chunk('sRGB', SRGB),
    chunk('IDAT', new Uint8Array(await new Response(packed).arrayBuffer())),
    chunk('IEND', new Uint8Array(0)),
  ];
  return new Blob(parts, { type: 'image/png' });
}

/**
 * @param {string} kind four letters
 * @param {Uint8Array} data
 */
function chunk(kind, data) {
  const whole = new Uint8Array(data.length + 12);
  whole.set(bytes(data.length));
  whole.set(new TextEncoder().encode(kind), 4);
  whole.set(data, 8);
  let rest = 0xffffffff;
  for (const byte of whole.subarray(4, data.length + 8)) {
    rest = CRC[(rest ^ byte) & 0xff] ^ (rest >>> 8);
  }
  whole.set(bytes(~rest >>> 0), data.length + 8);
  return whole;
}

/** @param {number} value @returns {number[]} four bytes, the highest first */
function bytes(value) {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}
