/** Tells a scanner that types like a keyboard from a person: many keys in very short time, with Enter at the end. */

/** Longest time between two keys of a scanner, in ms. Bluetooth scanners need up to 40. */
export const LONGEST_GAP = 60;
/** Longest mean time between its keys; nobody types that fast for so long. */
export const LONGEST_MEAN = 35;
/** Fewest characters of a scan. */
export const SHORTEST = 4;

export interface Key {
  key: string;
  ctrl?: boolean;
  alt?: boolean;
  shift?: boolean;
  repeat?: boolean;
  time: number;
}

/** Control characters that labels hold, as scanners type them. */
function character({ key, ctrl }: Key): string | null {
  if (!ctrl) return key.length === 1 ? key : null;
  switch (key.toLowerCase()) {
    case ']':
      return '\u001d';
    case '^':
    case '6':
      return '\u001e';
    case 'd':
      return '\u0004';
    case '_':
    case '-':
      return '\u001f';
    default:
      return null;
  }
}

const SILENT = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'CapsLock', 'Dead', 'Unidentified']);

export class Wedge {
  private text = '';
  private first = 0;
  private last = 0;
  private numbers = '';

  /** Whether keys have come so fast that they are a scanner's. */
  get isBurst(): boolean {
    return this.text.length >= SHORTEST && this.isFast();
  }

  get isEmpty(): boolean {
    return this.text === '';
  }

  /** The key that just came was the first one. */
  get isStart(): boolean {
    return this.text.length === 1;
  }

  /** It begins as labels of suppliers do. */
  get isLabel(): boolean {
    return /^>?\[\)>/.test(this.text);
  }

  private isFast(): boolean {
    return (this.last - this.first) / Math.max(1, this.text.length - 1) <= LONGEST_MEAN;
  }

  reset(): void {
    this.text = '';
    this.numbers = '';
  }

  private add(text: string, time: number): void {
    if (this.text === '') this.first = time;
    this.text += text;
    this.last = time;
  }

  /** Takes a key that went down; gives the code when one is complete. */
  press(key: Key): string | null {
    // a key that is held down repeats as fast as a scanner types
    if (key.repeat) {
      this.reset();
      return null;
    }
    if (this.text !== '' && key.time - this.last > LONGEST_GAP) this.reset();
    if (SILENT.has(key.key)) return null;
    if (key.alt && /^\d$/.test(key.key)) {
      this.numbers += key.key;
      this.last = key.time;
      return null;
    }
    const isEnd = key.key === 'Enter' || key.key === 'Tab' || (key.ctrl === true && /^[mj]$/i.test(key.key));
    if (isEnd) {
      const code = this.text;
      const isScan = this.isBurst && key.key !== 'Tab';
      this.reset();
      return isScan ? code : null;
    }
    const typed = key.alt ? null : character(key);
    if (typed === null) this.reset();
    else this.add(typed, key.time);
    return null;
  }

  /** Alt was let go: digits that were typed with it are one character. */
  releaseAlt(time: number): void {
    const code = Number(this.numbers);
    this.numbers = '';
    if (code > 0 && code < 256) this.add(String.fromCharCode(code), time);
  }
}
