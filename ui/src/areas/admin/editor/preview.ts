/** The text of an editor tried with records, before it is kept; and the names that it can use. */
import { queryOptions } from '@tanstack/react-query';
import { ApiError, get, post } from '@/api/client';
import type { Printing } from '@/shared/description';
import type { Names } from './completion';

export interface TemplateFault {
  template: string;
  line: number;
  column: number;
  message: string;
}

export interface Made {
  pdf: string | null;
  /** Pictures of the pages, in base64. */
  pages: string[];
  /** Names that are not there. */
  missing: string[];
  missing_files: string[];
  errors: TemplateFault[];
}

export interface Tried {
  template: number;
  text: string;
  items: number[];
  format: 'png' | 'pdf';
  /** Size of the page, as the fields of the template have it. */
  page: Record<string, unknown>;
}

const NOTHING: Made = { pdf: null, pages: [], missing: [], missing_files: [], errors: [] };

/** `report/x.html, line 3, column 5: Unknown tag.` as some answers have it. */
export function faultIn(text: string): TemplateFault | undefined {
  const [, template = '', line, column, message = ''] = /^(?:(.*), )?line (\d+), column (\d+): (.*)$/s.exec(text) ?? [];
  return line ? { template, line: Number(line), column: Number(column), message } : undefined;
}

/** An error in the template is an answer; other refusals are thrown. */
export async function tryTemplate(printing: Printing, { page, ...tried }: Tried): Promise<Made> {
  try {
    return { ...NOTHING, ...(await post<Partial<Made>>(`/api/${printing}/preview/`, { ...page, ...tried })) };
  } catch (error) {
    const fault = error instanceof ApiError ? faultIn(error.fields.template?.[0] ?? error.fields.text?.[0] ?? '') : undefined;
    if (fault) return { ...NOTHING, errors: [fault] };
    throw error;
  }
}

export const namesQuery = (printing: Printing, model: string) =>
  queryOptions({
    queryKey: ['options', 'template-names', printing, model],
    queryFn: ({ signal }) => get<Names>(`/api/${printing}/names/`, { model_type: model }, signal),
    staleTime: Infinity,
    retry: false,
  });

export function fileFrom(base64: string, type: string): Blob {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type });
}
