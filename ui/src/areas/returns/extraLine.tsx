import { extraLine } from '../orders/extraLine';

export default extraLine('returnorderextraline');
