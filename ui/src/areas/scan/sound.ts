/** Short sounds that say whether a scan was taken, so that nobody has to look at the screen. */
const KEPT = 'ironwood.sound';
const LENGTH = 0.09;

export const isQuiet = () => localStorage.getItem(KEPT) === 'off';
export const setQuiet = (quiet: boolean) => localStorage.setItem(KEPT, quiet ? 'off' : 'on');

let context: AudioContext | undefined;

function tone(pitch: number, after: number, length = LENGTH) {
  if (!context) return;
  const start = context.currentTime + after;
  const oscillator = new OscillatorNode(context, { frequency: pitch, type: 'square' });
  const volume = new GainNode(context, { gain: 0.06 });
  volume.gain.setTargetAtTime(0, start + length * 0.7, 0.015);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + length + 0.05);
}

/** One high tone: taken. Two low ones: look at the screen. Two high ones: all is done. */
export function sound(kind: 'taken' | 'wrong' | 'done'): void {
  if (kind === 'wrong') navigator.vibrate?.([80, 60, 80]);
  else navigator.vibrate?.(40);
  if (isQuiet() || typeof AudioContext === 'undefined') return;
  try {
    context ??= new AudioContext();
    void context.resume();
    if (kind === 'wrong') {
      tone(220, 0, 0.16);
      tone(180, 0.2, 0.2);
    } else {
      tone(1320, 0);
      if (kind === 'done') tone(1760, 0.12);
    }
  } catch {
    // a machine without sound scans as well
  }
}
