/** Opens the search of everything. */
import { createSpotlight } from '@mantine/spotlight';

export const [searchStore, searchHandles] = createSpotlight();
export const openSearch = () => searchHandles.open();
