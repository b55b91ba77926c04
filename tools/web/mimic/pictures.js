/** Where the visitor's face comes from: the camera, or a recorded video. Nothing of it is kept or sent. */

/** What is asked of a camera: more would cost more, and show no more of a face. */
const WANTED = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, facingMode: 'user' };

/**
 * Why there is no camera or microphone, and what to do, for the page.
 *
 * @param {unknown} problem what getUserMedia threw
 * @param {'camera' | 'microphone'} what
 * @returns {string}
 */
export function refusal(problem, what) {
  const name = problem instanceof Error ? problem.name : '';
  const otherwise = what === 'camera' ? ', or open a recorded video instead' : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return `The ${what} was refused: allow it for this page beside the browser's address${otherwise}.`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${what} was found: connect one${otherwise}.`;
    case 'NotReadableError':
    case 'AbortError':
      return `The ${what} does not answer: end the other program that uses it${otherwise}.`;
    default:
      return `The ${what} could not be opened (${problem instanceof Error ? problem.message : problem})${otherwise}.`;
  }
}

/** Why a page of this address can ask for nothing; empty when it can. @param {'camera' | 'microphone'} what */
export function problemOfAddress(what) {
  return navigator.mediaDevices
    ? ''
    : `Browsers give a ${what} to secure pages alone: open this one by https, or from this machine by 127.0.0.1.`;
}

/** A video element that shows the camera or a file. */
export class Pictures {
  #video;
  #onEnd;
  /** @type {MediaStream | null} */
  #stream = null;
  #address = '';
  /** Counts what was asked for, so that the newest wins. */
  #wanted = 0;

  /**
   * @param {HTMLVideoElement} video
   * @param {(sentence: string) => void} onEnd told why the pictures have ended by themselves
   */
  constructor(video, onEnd) {
    this.#video = video;
    this.#onEnd = onEnd;
  }

  /** Whether there are pictures. */
  get isOn() {
    return this.#stream !== null || this.#address !== '';
  }

  /** Asks for the camera. Rejects with a sentence. */
  async openCamera() {
    this.stop();
    const wanted = this.#wanted;
    const problem = problemOfAddress('camera');
    if (problem) {
      throw new Error(problem);
    }
    /** @type {MediaStream} */
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: WANTED });
    } catch (error) {
      if (wanted !== this.#wanted) {
        return; // something else is on by now
      }
      throw new Error(refusal(error, 'camera'));
    }
    if (wanted !== this.#wanted) {
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    this.#stream = stream;
    stream.getVideoTracks()[0].addEventListener('ended', () => {
      if (this.#stream === stream) {
        this.stop();
        this.#onEnd('The camera is gone: connect it again, and press Start camera.');
      }
    });
    this.#video.srcObject = stream;
    await this.#video.play();
  }

  /**
   * Plays a recorded video, over and over. Rejects with a sentence.
   *
   * @param {File} file
   */
  async openVideo(file) {
    this.stop();
    const wanted = this.#wanted;
    this.#address = URL.createObjectURL(file);
    this.#video.src = this.#address;
    this.#video.loop = true;
    try {
      await this.#video.play();
      if (!this.#video.videoWidth) {
        throw new Error('it has no pictures');
      }
    } catch {
      if (wanted === this.#wanted) {
        this.stop();
        throw new Error(`${file.name} cannot be played: give a video that this browser plays, such as WebM or MP4.`);
      }
    }
  }

  /** Lets go of the camera, or of the file. */
  stop() {
    this.#wanted += 1;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.pause();
    this.#video.srcObject = null;
    this.#video.removeAttribute('src');
    if (this.#address) {
      URL.revokeObjectURL(this.#address);
      this.#address = '';
      this.#video.load();
    }
  }
}
