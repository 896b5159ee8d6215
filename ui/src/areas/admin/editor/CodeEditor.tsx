/** A text editor for templates. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionSource } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { html, htmlCompletionSource } from '@codemirror/lang-html';
import { bracketMatching, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { useTranslation } from '@/app/i18n';
import { type Names, offersAt } from './completion';
import { highlighting, looks, templateMarks } from './language';

export interface Fault {
  line: number;
  column: number;
  message: string;
}

export interface EditorHandle {
  insert: (text: string) => void;
  goTo: (line: number, column: number) => void;
}

interface Props {
  label: string;
  value: string;
  onChange: (text: string) => void;
  onSave: () => void;
  names: Names | undefined;
  faults: Fault[];
  isReadOnly?: boolean;
  handle?: Ref<EditorHandle>;
}

const nonce = () => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

function placeOf(state: EditorState, { line, column }: { line: number; column: number }): number {
  const found = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  return Math.min(found.to, found.from + Math.max(0, column - 1));
}

/** From the place of a fault to the end of what stands there. */
function diagnosticOf(state: EditorState, fault: Fault): Diagnostic {
  const from = placeOf(state, fault);
  const rest = state.doc.lineAt(from).text.slice(from - state.doc.lineAt(from).from);
  const [, tag] = /^(\{[{%#].*?[}%#]\})/.exec(rest) ?? [];
  return { from, to: Math.max(from, from + (tag?.length ?? rest.length)), severity: 'error', message: fault.message };
}

export function CodeEditor(props: Props) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!place.current) return;
    const complete: CompletionSource = (context) => {
      const { names } = latest.current;
      const found = names && offersAt(context.state.doc.toString(), context.pos, names);
      if (!found) return null;
      return { from: found.from, options: found.offers, validFor: /^\w*$/ };
    };
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          lineNumbers(),
          lintGutter(),
          highlightActiveLineGutter(),
          highlightActiveLine(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          highlightSelectionMatches(),
          indentUnit.of('  '),
          EditorState.tabSize.of(2),
          html({ autoCloseTags: true }),
          syntaxHighlighting(highlighting),
          templateMarks,
          autocompletion({ override: [complete, htmlCompletionSource], icons: false }),
          EditorState.readOnly.of(latest.current.isReadOnly ?? false),
          EditorView.contentAttributes.of({ 'aria-label': latest.current.label, tabindex: '0' }),
          keymap.of([
            { key: 'Mod-s', preventDefault: true, run: () => { latest.current.onSave(); return true; } },
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...defaultKeymap,
            ...searchKeymap,
            ...historyKeymap,
            ...lintKeymap,
            // Escape, then Tab, leaves the editor
            indentWithTab,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          looks,
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  // a text that comes from elsewhere: read again, or discarded
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === props.value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value } });
  }, [props.value]);

  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, props.faults.map((fault) => diagnosticOf(editor.state, fault))));
  }, [props.faults]);

  useImperativeHandle(props.handle, () => ({
    insert: (text) => {
      const editor = view.current;
      if (!editor) return;
      editor.dispatch(editor.state.replaceSelection(text));
      editor.focus();
    },
    goTo: (line, column) => {
      const editor = view.current;
      if (!editor) return;
      const at = placeOf(editor.state, { line, column });
      editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      editor.focus();
    },
  }));

  return <div ref={place} title={t('Ctrl+S to save, Ctrl+Space for suggestions')} style={{ height: '100%', minHeight: 0, overflow: 'hidden' }} />;
}
