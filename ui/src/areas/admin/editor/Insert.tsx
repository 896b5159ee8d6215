/** Pieces that are written into a template with a click: codes, parameters, loops, snippets and assets. */
import { Button, FileButton, Menu, ScrollArea, Text } from '@mantine/core';
import { IconPhoto, IconPlus, IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { post } from '@/api/client';
import { translate, useTranslation } from '@/app/i18n';
import { kind } from '@/app/registry';
import { useMay } from '@/app/session';
import { failed, succeeded } from '@/shared/notify';
import { readRows } from '@/shared/resource';

const MOST = 250;
const nameOf = (path: unknown) => String(path ?? '').split('/').pop() ?? '';

interface Piece {
  label: string;
  text: string;
}

const PIECES: Piece[] = [
  { label: 'QR code', text: '{% load barcode %}<img src="{% qrcode qr_data %}" alt="">' },
  { label: 'Data Matrix', text: '{% load barcode %}<img src="{% datamatrix qr_data %}" alt="">' },
  { label: 'Barcode', text: '{% load barcode %}<img src="{% barcode qr_data %}" alt="">' },
  { label: 'Image of the part', text: '{% load report %}<img src="{% part_image part %}" alt="">' },
  { label: 'Parameter by name', text: '{% load report %}{% part_parameter part "Resistance" as value %}{{ value.data }}' },
  { label: 'Loop', text: '{% for item in items %}\n  {{ item }}\n{% empty %}\n{% endfor %}' },
  { label: 'Condition', text: '{% if part.IPN %}\n  {{ part.IPN }}\n{% endif %}' },
  { label: 'Number with decimals', text: '{{ item.quantity|floatformat:2 }}' },
  { label: 'Money', text: '{% load report %}{% render_currency line.purchase_price %}' },
  { label: 'Page number', text: '<style>\n  @page { @bottom-right { content: "Page " counter(page) " of " counter(pages); } }\n</style>' },
];

export function Insert({ onInsert }: { onInsert: (text: string) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const may = useMay();
  const assetKind = kind('reportasset');
  const { data: snippets } = useQuery(readRows('/api/report/snippet/', { limit: MOST }));
  const { data: assets } = useQuery(readRows('/api/report/asset/', { limit: MOST }));
  const asset = (name: string) => onInsert(`{% load report %}<img src="{% asset '${name}' %}" alt="">`);
  const upload = async (file: File | null) => {
    if (!file) return;
    try {
      const form = new FormData();
      form.append('asset', file);
      form.append('description', file.name);
      const made = await post<{ asset: string }>('/api/report/asset/', form);
      await client.invalidateQueries({ queryKey: ['rows', '/api/report/asset/'] });
      succeeded(translate('{{count}} files added', { count: 1 }));
      asset(nameOf(made.asset));
    } catch (error) {
      failed(error);
    }
  };
  return (
    <>
      <Menu position="bottom-start" width={260} withinPortal>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconPlus size={15} />}>
            {t('Insert')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <ScrollArea.Autosize mah="60vh" type="auto">
            {PIECES.map(({ label, text }) => (
              <Menu.Item key={label} onClick={() => onInsert(text)}>
                {t(label)}
              </Menu.Item>
            ))}
            {(snippets?.results.length ?? 0) > 0 && <Menu.Label>{t('Snippets')}</Menu.Label>}
            {snippets?.results.map((row) => (
              <Menu.Item key={row.pk} onClick={() => onInsert(`{% include 'snippets/${nameOf(row.snippet)}' %}`)}>
                {nameOf(row.snippet)}
              </Menu.Item>
            ))}
          </ScrollArea.Autosize>
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-start" width={280} withinPortal closeOnItemClick>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconPhoto size={15} />}>
            {t('Assets')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <ScrollArea.Autosize mah="50vh" type="auto">
            {assets?.results.map((row) => (
              <Menu.Item key={row.pk} onClick={() => asset(nameOf(row.asset))}>
                <Text size="sm" truncate>
                  {nameOf(row.asset)}
                </Text>
              </Menu.Item>
            ))}
            {assets?.results.length === 0 && (
              <Text size="xs" c="dimmed" p="xs">
                {t('No assets yet, such as logos, fonts, or images.')}
              </Text>
            )}
          </ScrollArea.Autosize>
          {may(assetKind, 'add') && (
            <>
              <Menu.Divider />
              <FileButton onChange={(file) => void upload(file)}>
                {(button) => (
                  <Menu.Item {...button} closeMenuOnClick={false} leftSection={<IconUpload size={15} />}>
                    {t('Upload a file')}
                  </Menu.Item>
                )}
              </FileButton>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
