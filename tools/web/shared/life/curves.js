/** Curves of which motion is made. */

/**
 * From 0 to 1 without a corner at either end; Godot's smoothstep.
 *
 * @param {number} from where it is 0
 * @param {number} to where it is 1
 * @param {number} x
 */
export function smoothstep(from, to, x) {
  const share = Math.min(1, Math.max(0, (x - from) / (to - from)));
  return share * share * (3 - 2 * share);
}

/**
 * A mass on a critically damped spring that is drawn to a target, exactly whatever the step.
 */
export class Spring {
  position = 0;
  velocity = 0;

  /**
   * @param {number} target
   * @param {number} frequency undamped oscillations a second
   * @param {number} seconds
   */
  advance(target, frequency, seconds) {
    const w = 2 * Math.PI * frequency;
    const offset = this.position - target;
    const slope = this.velocity + w * offset;
    const decay = Math.exp(-w * seconds);
    this.position = target + (offset + slope * seconds) * decay;
    this.velocity = (this.velocity - w * slope * seconds) * decay;
  }
}
