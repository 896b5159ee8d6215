/** Other ways to enter records than one by one: quick entry, and a file. */
import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconFileImport, IconTablePlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Query } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import type { Kind } from '../description';

/** Kinds that the importer takes. */
const IMPORTED = new Set([
  'projectcode', 'parametertemplate', 'parameter', 'partcategory', 'part', 'bomitem', 'address', 'company', 'contact', 'manufacturerpart',
  'supplierpart', 'stockitem', 'stocklocation', 'purchaseorder', 'purchaseorderlineitem', 'salesorder', 'salesorderlineitem', 'returnorder',
  'returnorderlineitem', 'transferorder', 'transferorderlineitem', 'partsellpricebreak', 'partinternalpricebreak', 'supplierpricebreak',
]);
/** Fields of new rows that a list is narrowed to. */
const GIVEN = new Set(['part', 'order', 'supplier', 'manufacturer', 'company', 'category', 'location', 'parent', 'supplier_part']);

export function EntryMenu({ kind, fixed }: { kind: Kind; fixed: Query }) {
  const { t } = useTranslation();
  const given = Object.entries(fixed).filter(([name, value]) => GIVEN.has(name) && typeof value === 'number');
  const search = { model: kind.model, ...Object.fromEntries(given.map(([name, value]) => [`set.${name}`, String(value)])) };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button size="xs" px={6} aria-label={t('Other input methods')}>
          <IconChevronDown size={16} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconTablePlus size={16} />} component={Link} to={'/quick' as never} search={search as never}>
          {t('Quick entry')}
        </Menu.Item>
        {IMPORTED.has(kind.model) && (
          <Menu.Item leftSection={<IconFileImport size={16} />} component={Link} to={'/import' as never} search={search as never}>
            {t('Import a file')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
