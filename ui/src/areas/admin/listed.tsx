/** The list of a kind within the administration. */
import { ResourceTable } from '@/shared/table/ResourceTable';
import { Frame } from './Frame';

export const listed = (model: string) =>
  function List() {
    return (
      <Frame>
        <ResourceTable model={model} />
      </Frame>
    );
  };
