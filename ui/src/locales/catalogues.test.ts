import { expect, test } from 'vitest';
// @ts-expect-error a script without types
import { codes, faults, read, wanted } from '../../scripts/texts.mjs';

const texts = (wanted as () => string[])();

test.each((codes as () => string[])())('the catalogue %s has every text of the pages, with the same placeholders, and no other', (code) => {
  expect((faults as (catalogue: unknown, texts: string[]) => string[])((read as (code: string) => unknown)(code), texts)).toEqual([]);
});

test('a catalogue that lacks a text or a placeholder is found', () => {
  const found = (faults as (catalogue: unknown, texts: string[]) => string[])({ 'Moved to {{place}}': 'Verschoben', Old: 'Alt' }, ['Moved to {{place}}', 'Stock']);
  expect(found.map((fault) => fault.split(':')[0])).toEqual(['missing', 'not used', 'empty, or with other placeholders']);
});
