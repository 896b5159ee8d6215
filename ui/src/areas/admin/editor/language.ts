/** How templates look in the editor: HTML, with the tags of templates marked. */
import { HighlightStyle } from '@codemirror/language';
import { Decoration, type DecorationSet, EditorView, MatchDecorator, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** The orange of the theme is too light for letters on white. */
const VALUE = 'light-dark(#b93f0c, var(--mantine-color-orange-3))';
const color = (light: string, dark: string) => `light-dark(var(--mantine-color-${light}), var(--mantine-color-${dark}))`;

export const highlighting = HighlightStyle.define([
  { tag: tags.tagName, color: color('blue-9', 'blue-3') },
  { tag: tags.angleBracket, color: 'var(--mantine-color-dimmed)' },
  { tag: tags.attributeName, color: color('teal-9', 'teal-3') },
  { tag: [tags.attributeValue, tags.string], color: VALUE },
  { tag: tags.comment, color: 'var(--mantine-color-dimmed)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.className], color: color('teal-9', 'teal-3') },
  { tag: [tags.number, tags.unit, tags.color], color: VALUE },
  { tag: tags.keyword, color: color('violet-9', 'violet-3') },
]);

const value = Decoration.mark({ class: 'cm-template-value' });
const tag = Decoration.mark({ class: 'cm-template-tag' });
const comment = Decoration.mark({ class: 'cm-template-comment' });

const matcher = new MatchDecorator({
  regexp: /\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}/g,
  decoration: ([text]) => (text.startsWith('{{') ? value : text.startsWith('{%') ? tag : comment),
});

export const templateMarks = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = matcher.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = matcher.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

export const looks = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', backgroundColor: 'var(--mantine-color-body)', color: 'var(--mantine-color-text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace', lineHeight: '1.55' },
  '.cm-gutters': { backgroundColor: 'transparent', borderRight: '1px solid var(--mantine-color-default-border)', color: 'var(--mantine-color-dimmed)' },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'light-dark(rgb(0 0 0 / 4%), rgb(255 255 255 / 5%))' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'light-dark(var(--mantine-color-ironwood-1), rgb(72 153 111 / 35%))' },
  '.cm-template-value, .cm-template-value span': { color: `${color('ironwood-8', 'ironwood-3')} !important`, fontWeight: '600' },
  '.cm-template-tag, .cm-template-tag span': { color: `${color('violet-9', 'violet-3')} !important` },
  '.cm-template-comment, .cm-template-comment span': { color: 'var(--mantine-color-dimmed) !important', fontStyle: 'italic' },
  '.cm-tooltip': { backgroundColor: 'var(--mantine-color-body)', border: '1px solid var(--mantine-color-default-border)', borderRadius: '6px', overflow: 'hidden' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--mantine-primary-color-filled)', color: 'var(--mantine-color-white)' },
  '.cm-completionDetail': { opacity: '0.7', fontStyle: 'normal', marginLeft: '10px' },
  '.cm-panels': { backgroundColor: 'var(--mantine-color-body)', color: 'var(--mantine-color-text)', borderColor: 'var(--mantine-color-default-border)' },
  '.cm-textfield': { backgroundColor: 'var(--mantine-color-body)', border: '1px solid var(--mantine-color-default-border)', borderRadius: '4px' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--mantine-color-default)', border: '1px solid var(--mantine-color-default-border)', borderRadius: '4px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--mantine-color-red-6)' },
});
