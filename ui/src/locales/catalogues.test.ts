import { expect, test } from 'vitest';
import english from '../app/english.json';
import help from '../../scripts/help.json';
import server from '../../scripts/names.json';
import { saysMore } from '../shared/form/help';
// @ts-expect-error a script without types
import { codes, faults, read, wanted } from '../../scripts/texts.mjs';

const helps = import.meta.glob<{ default: Record<string, string> }>('./help/*.json', { eager: true });
const texts = (wanted as () => string[])();

test.each((codes as () => string[])())('the catalogue %s has every text of the pages, with the same placeholders, and no other', (code) => {
  expect((faults as (catalogue: unknown, texts: string[]) => string[])((read as (code: string) => unknown)(code), texts)).toEqual([]);
});

test('a catalogue that lacks a text or a placeholder is found', () => {
  const found = (faults as (catalogue: unknown, texts: string[]) => string[])({ 'Moved to {{place}}': 'Verschoben', Old: 'Alt' }, ['Moved to {{place}}', 'Stock']);
  expect(found.map((fault) => fault.split(':')[0])).toEqual(['missing', 'not used', 'empty, or with other placeholders']);
});

/** Words that stand in names of fields, not in headings. */
const ODD = /\b(regex|gte|lte|sku|mpn|ipn|bom|id|ids|human|pathstring|displayname|starred|pk|model|datetime|postal|native|deplete|stale)\b|_|[a-z][A-Z]| {2}/;

test('names of fields, filters and states read naturally in English', () => {
  const names = (server as string[]).map((name) => (english as Record<string, string>)[name] ?? name);
  expect(names.filter((name) => ODD.test(name) || / [A-Z][a-z]/.test(name))).toEqual([]);
});

test('what English texts replace is used', () => {
  const all = new Set(texts);
  expect(Object.keys(english).map((key) => key.replace(/_one$/, '')).filter((key) => !all.has(key))).toEqual([]);
});

test.each(Object.entries(helps))('what the server says of fields and settings is in %s, as far as it is shown', (_, catalogue) => {
  const wanted = Object.entries(help as Record<string, string[]>)
    .filter(([text, labels]) => labels.length === 0 || labels.some((label) => saysMore(text, (english as Record<string, string>)[label] ?? label)))
    .map(([text]) => text);
  const lacks = wanted.filter((text) => !catalogue.default[text]);
  const all = new Set(texts);
  expect(lacks.filter((text) => !all.has(text))).toEqual([]);
  expect(Object.keys(catalogue.default).filter((text) => !wanted.includes(text))).toEqual([]);
});
