// Pictures as the networks see them: linear light, premultiplied, from -1 to 1.

/** Linear light, 0 to 1, of each level of sRGB. */
export const LINEAR = Float32Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/**
 * @param {Uint8Array} pixels straight-alpha sRGB RGBA8
 * @returns {Float32Array<ArrayBuffer>} of the same shape
 */
export function networkPicture(pixels) {
  const picture = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3] / 255;
    for (let channel = 0; channel < 3; channel += 1) {
      picture[at + channel] = 2 * LINEAR[pixels[at + channel]] * alpha - 1;
    }
    picture[at + 3] = 2 * alpha - 1;
  }
  return picture;
}
