import { expect, test } from 'vitest';
import { type Key, Wedge } from './wedge';

/** Types a text with so many ms between its keys. */
function type(wedge: Wedge, text: string, gap: number, end = 'Enter', change: (key: Key, at: number) => Key = (key) => key) {
  let time = 1000;
  let found: string | null = null;
  [...text].forEach((key, at) => {
    found = wedge.press(change({ key, time: (time += gap) }, at)) ?? found;
  });
  return wedge.press({ key: end, time: time + gap }) ?? found;
}

test('a fast burst that ends with Enter is a code', () => {
  expect(type(new Wedge(), '{"stockitem": 17}', 5)).toBe('{"stockitem": 17}');
  expect(type(new Wedge(), 'INV-SL12', 30)).toBe('INV-SL12');
});

test('a person types', () => {
  expect(type(new Wedge(), 'resistor', 90)).toBeNull();
  // two keys rolled over each other
  const wedge = new Wedge();
  expect(type(wedge, 'ab', 10)).toBeNull();
  expect(type(new Wedge(), 'hello', 45)).toBeNull();
  expect(type(new Wedge(), 'INV-SL12', 5, 'Tab')).toBeNull();
});

test('a key that is held down is no scan', () => {
  expect(type(new Wedge(), '7777777777', 30, 'Enter', (key, at) => ({ ...key, repeat: at > 0 }))).toBeNull();
});

test('a code after typing begins where the pause was', () => {
  const wedge = new Wedge();
  wedge.press({ key: 'a', time: 100 });
  wedge.press({ key: 'b', time: 220 });
  expect(type(wedge, 'INV-PA7', 4)).toBe('INV-PA7');
});

test('separators of labels come as control keys or as numbers with Alt', () => {
  const wedge = new Wedge();
  const keys: Key[] = [
    ...[...'[)>'].map((key) => ({ key, time: 0 })),
    { key: '^', ctrl: true, time: 0 },
    ...[...'06'].map((key) => ({ key, time: 0 })),
    { key: ']', ctrl: true, time: 0 },
    ...[...'1PX'].map((key) => ({ key, time: 0 })),
  ];
  keys.forEach((key, at) => wedge.press({ ...key, time: 1000 + at * 5 }));
  for (const key of ['0', '0', '2', '9']) wedge.press({ key, alt: true, time: 1060 });
  wedge.releaseAlt(1062);
  for (const key of 'Q3') wedge.press({ key, time: 1065 });
  wedge.press({ key: 'd', ctrl: true, time: 1067 });
  expect(wedge.press({ key: 'Enter', time: 1070 })).toBe('[)>\u001e06\u001d1PX\u001dQ3\u0004');
});
