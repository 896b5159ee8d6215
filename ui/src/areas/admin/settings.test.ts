import { describe, expect, it } from 'vitest';
import { found, grouped, groupOf, type Setting } from './settings';

const setting = (key: string, name: string, description = ''): Setting => ({
  pk: 1, key, name, description, value: '', type: 'string', units: '', choices: [], model_name: null, api_url: null, confirm: false, confirm_text: '',
});
const some = [setting('STOCK_ENABLE_EXPIRY', 'Stock expiry'), setting('STOCKTAKE_ENABLE', 'Counting'), setting('INVENTREE_INSTANCE', 'Server name', 'How this server calls itself')];

describe('settings', () => {
  it('are grouped by their keys', () => {
    expect(groupOf('STOCKTAKE_ENABLE')).toBe('Stocktake');
    expect(groupOf('ENABLE_PLUGINS_URL')).toBe('Plugins and machines');
    expect(groupOf('NOTHING_KNOWN')).toBe('Server');
    expect(grouped(some).map(([name]) => name)).toEqual(['Server', 'Stock', 'Stocktake']);
  });
  it('are found by words of name, description and key', () => {
    expect(found(some, 'calls server')).toHaveLength(1);
    expect(found(some, 'enable expiry')).toHaveLength(1);
    expect(found(some, '')).toHaveLength(3);
    expect(found(some, 'nothing')).toHaveLength(0);
  });
});
