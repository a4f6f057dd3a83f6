/** Whether the page is being put on paper: what is cut short or chosen on a screen is then shown whole. */
import { flushSync } from 'svelte';

class Printing {
  isOn: boolean = $state(false);

  /** The sheet is laid out as soon as the browser has said so: what changes for it must stand by then. */
  begin(): void {
    flushSync(() => (this.isOn = true));
  }

  end(): void {
    this.isOn = false;
  }
}

export const printing = new Printing();
