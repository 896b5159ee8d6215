/** Parameters of a record. */
import { ResourceTable } from '../table/ResourceTable';

export default function Parameters({ model, pk }: { model: string; pk: number }) {
  return <ResourceTable model="parameter" fixed={{ model_type: model, model_id: pk }} />;
}
