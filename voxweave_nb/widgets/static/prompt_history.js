// The way through earlier prompts, as in a terminal.

/** Goes back to earlier prompts and forward again to what the person has written. */
export class PromptHistory {
  constructor() {
    this._place = -1; // among the earlier prompts; -1 is the person's own text
    this._own = "";
  }

  /** The person has changed the text: it is their own now. */
  leave() { this._place = -1; }

  /**
   * Move to an earlier prompt (step 1) or a later one (step -1). Returns its text, or undefined where the arrow key moves
   * the cursor instead: within a text of several lines, and at both ends of the history.
   * @param {number} step @param {string[]} recent the newest first @param {string} text in the field
   * @param {number} start of the selection @param {number} end of the selection @returns {string | undefined}
   */
  move(step, recent, text, start, end) {
    const atEdge = step > 0 ? !text.slice(0, start).includes("\n") : this._place >= 0 && !text.slice(end).includes("\n");
    const place = this._place + step;
    if (!atEdge || place >= recent.length || place < -1) return undefined;
    if (this._place < 0) this._own = text;
    this._place = place;
    return place < 0 ? this._own : recent[place];
  }
}
