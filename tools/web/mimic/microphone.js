// @ts-check
/**
 * A microphone whose spectrum can be asked for. Nothing is recorded, and nothing is played.
 *
 * @module
 */

// As the addon's analyser has it: fine enough to tell the harmonics of a voice apart.
const FFT_SIZE = 2048;
// The window of the Web Audio API is Blackman's, whose peaks are 20 log10(0.42) = 7.5 dB low; a sine of full scale is
// two lines of half of it. The addon's analyser has a sine of full scale at 0 dB.
const PEAK = 2 / 0.42;

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
      const band = decibels.subarray(Math.floor(from / step), Math.ceil(to / step) + 1);
      return PEAK * 10 ** (Math.max(-200, ...band) / 20);
    },
    stop() {
      stream.getTracks().forEach((track) => track.stop());
      context.close().catch(() => undefined);
    },
  };
}
