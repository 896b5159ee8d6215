/** Markdown as elements; HTML in it is shown as text, never read. */
import ReactMarkdown from 'react-markdown';

export function Markdown({ text }: { text: string }) {
  return <ReactMarkdown>{text}</ReactMarkdown>;
}
