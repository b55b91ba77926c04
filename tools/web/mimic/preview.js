/** What the camera sees, small, and the points that were found in it. */

/** @typedef {import('./face_points.js').Point} Point */

const SIZE = 1.5;

export class Preview {
  #canvas;
  #context;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {readonly Point[]} points shares of the picture; none: the picture alone
   * @param {boolean} mirror
   */
  draw(video, points, mirror) {
    const { videoWidth, videoHeight } = video;
    if (!this.#context || !videoWidth) {
      return;
    }
    const { width } = this.#canvas;
    const height = Math.round((width * videoHeight) / videoWidth);
    if (this.#canvas.height !== height) {
      this.#canvas.height = height;
    }
    const context = this.#context;
    context.setTransform(mirror ? -1 : 1, 0, 0, 1, mirror ? width : 0, 0);
    context.drawImage(video, 0, 0, width, height);
    context.fillStyle = '#7dffa8';
    for (const { x, y } of points) {
      context.fillRect(x * width - SIZE / 2, y * height - SIZE / 2, SIZE, SIZE);
    }
  }

  clear() {
    this.#context?.setTransform(1, 0, 0, 1, 0, 0);
    this.#context?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }
}
