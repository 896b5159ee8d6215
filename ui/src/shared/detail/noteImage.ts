/** Pictures in notes. */
import { post } from '@/api/client';

export async function uploadNoteImage(file: File, model: string, pk: number): Promise<string> {
  const form = new FormData();
  form.append('image', file);
  form.append('model_type', model);
  form.append('model_id', String(pk));
  const { image } = await post<{ image: string }>('/api/notes-image-upload/', form);
  return image;
}
