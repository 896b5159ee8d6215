/** What a template makes of a record, as pictures of the pages, with what is wrong. */
import { ActionIcon, Alert, Badge, Center, Group, Loader, Stack, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconExternalLink } from '@tabler/icons-react';
import { useTranslation } from '@/app/i18n';
import { failed } from '@/shared/notify';
import { RelatedInput } from '@/shared/RelatedInput';
import classes from './Editor.module.css';
import { fileFrom, type Made, type TemplateFault, tryTemplate, type Tried } from './preview';
import type { Printing } from '@/shared/description';

interface Props {
  printing: Printing;
  model: string;
  item: number | null;
  onItem: (item: number | null) => void;
  tried: Omit<Tried, 'format'>;
  made: Made | undefined;
  error: Error | null;
  isWorking: boolean;
  onFault: (fault: TemplateFault) => void;
}

export function Preview({ printing, model, item, onItem, tried, made, error, isWorking, onFault }: Props) {
  const { t } = useTranslation();
  const openPdf = async () => {
    const tab = window.open('', '_blank');
    try {
      const { pdf } = await tryTemplate(printing, { ...tried, format: 'pdf' });
      if (!pdf || !tab) throw new Error(t('No document available.'));
      tab.location.href = URL.createObjectURL(fileFrom(pdf, 'application/pdf'));
    } catch (error) {
      tab?.close();
      failed(error);
    }
  };
  const hasFaults = (made?.errors.length ?? 0) > 0;
  return (
    <Stack gap={8} className={classes.preview}>
      <Group gap={6} wrap="nowrap">
        <div style={{ flex: 1, minWidth: 0 }}>
          <RelatedInput size="xs" model={model} value={item} onChange={(pk) => onItem(pk as number | null)} required aria-label={t('Preview record')} placeholder={t('Preview record')} />
        </div>
        {isWorking && <Loader size={16} />}
        <Tooltip label={t('Open the PDF')}>
          <ActionIcon variant="default" size={30} aria-label={t('Open the PDF')} disabled={item === null || hasFaults || Boolean(error)} onClick={() => void openPdf()}>
            <IconExternalLink size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {error && (
        <Alert color="red" p="xs" style={{ overflowWrap: 'anywhere' }}>
          {error.message}
        </Alert>
      )}
      {made?.errors.map((fault) => (
        <UnstyledButton key={`${fault.template}-${fault.line}-${fault.column}`} className={classes.fault} onClick={() => onFault(fault)}>
          <IconAlertTriangle size={16} style={{ flex: 'none' }} />
          <span>
            <b>{t('Line {{line}}, column {{column}}', { line: fault.line, column: fault.column })}</b>
            {fault.template && fault.template !== 'template' && ` · ${fault.template}`}
            <br />
            {fault.message}
          </span>
        </UnstyledButton>
      ))}
      {made && <NotFound label="Unknown names" names={made.missing} />}
      {made && <NotFound label="Missing files" names={made.missing_files} />}
      <div className={classes.pages} role="region" aria-label={t('Preview')} tabIndex={0} data-old={hasFaults || Boolean(error) || undefined}>
        {made?.pages.map((page, at) => (
          <img key={at} src={`data:image/png;base64,${page}`} alt={t('Page {{page}}', { page: at + 1 })} className={classes.page} data-kind={printing} />
        ))}
        {item === null && (
          <Center mih={120} px="md">
            <Text size="sm" c="dimmed" ta="center">
              {t('Choose a record to preview the template.')}
            </Text>
          </Center>
        )}
      </div>
    </Stack>
  );
}

function NotFound({ label, names }: { label: string; names: string[] }) {
  const { t } = useTranslation();
  if (names.length === 0) return null;
  return (
    <Group gap={6} className={classes.missing}>
      <Text size="xs" fw={600}>
        {t(label)}
      </Text>
      {names.map((name) => (
        <Badge key={name} size="sm" variant="default" tt="none" radius="sm" ff="monospace" fw={500} style={{ maxWidth: '100%' }}>
          {name}
        </Badge>
      ))}
    </Group>
  );
}
