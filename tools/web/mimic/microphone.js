// @ts-check
/**
 * A microphone whose spectrum can be asked for. Nothing is recorded, and nothing is played.
 *
 * @module
 */

// As many samples as Godot's analyser takes for FFT_SIZE_2048: the harmonics of a voice are told apart.
const FFT_SIZE = 4096;
// A sine of full scale has the magnitude 0.5 in Godot. Here it has as much less as the mean of Blackman's window, 0.42.
const GAIN = 1 / 0.42;

/**
 * @typedef {object} Microphone
 * @property {(from: number, to: number) => number} magnitude the largest one between two frequencies (Hz)
 * @property {() => void} stop
 */

/**
 * Asks for the microphone. Rejects with a DOMException as getUserMedia does.
 *
 * @param {() => void} onEnd told when it is taken away
 * @returns {Promise<Microphone>}
 */
export async function openMicrophone(onEnd) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true },
  });
  const context = new AudioContext();
  await context.resume();
  const analyser = new AnalyserNode(context, { fftSize: FFT_SIZE, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(stream).connect(analyser);
  stream.getAudioTracks()[0].addEventListener('ended', onEnd);
  const decibels = new Float32Array(analyser.frequencyBinCount);
  const step = context.sampleRate / FFT_SIZE;
  return {
    magnitude(from, to) {
      analyser.getFloatFrequencyData(decibels);
      const band = decibels.subarray(Math.floor(from / step), Math.floor(to / step) + 1);
      return GAIN * 10 ** (Math.max(-200, ...band) / 20);
    },
    stop() {
      stream.getTracks().forEach((track) => track.stop());
      context.close().catch(() => undefined);
    },
  };
}
