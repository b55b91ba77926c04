/**
 * At which scale pictures are drawn: above 1 they are finer. The twin of the addon's picture_scale.gd.
 *
 * It follows the size at which the picture is shown: a finer one is taken when a pixel of the picture covers clearly more
 * than one of the screen, and let go of when it hardly does, so that a picture about that large does not change again and
 * again.
 */

/**
 * Pixels of the screen to a pixel of the picture, in each direction: beyond, a finer picture is taken, and below, the next
 * coarser one.
 */
const FINER = 1.25;
const COARSER = 1.1;

export class PictureScale {
  /** What was chosen last: 1, 2 or 4. */
  chosen = 1;

  /**
   * Chooses for a picture of which a pixel covers so many of the screen in each direction.
   *
   * @param {number} pixels
   * @param {number} most what the character's drawing has: 1, 2 or 4
   */
  choose(pixels, most) {
    while (this.chosen < most && pixels > this.chosen * FINER) {
      this.chosen *= 2;
    }
    while (this.chosen > 1 && (this.chosen > most || pixels < (this.chosen / 2) * COARSER)) {
      this.chosen /= 2;
    }
    return this.chosen;
  }
}
