/** Shop floor mode: take, use up, bring back; who, for what, what, how many. Nothing else is on the screen. */
import { ActionIcon, Alert, Button, Group, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { useIdle } from '@mantine/hooks';
import { IconArrowBackUp, IconArrowLeft, IconCamera, IconCameraOff, IconCheck, IconFlame, IconHandGrab } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { get, page, type Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import { kind } from '@/app/registry';
import { type User, useUser } from '@/app/session';
import { badgeOf, read } from '@/areas/scan/read';
import { sound } from '@/areas/scan/sound';
import { useRefresh } from '@/shared/refresh';
import { offer, type Scan, useScans } from '@/shared/scan';
import { bringBack, consume, homeOf, isPlaceOf, lentOf, take, type Who, whoOf } from './lend';
import { mayChoosePlace, mayUseUp } from './rights';
import classes from './Shop.module.css';
import { Device } from './Device';
import { Amount, Condition, People, Projects, What } from './steps';

const Camera = lazy(() => import('@/areas/scan/Camera'));

/** A tablet that nobody touches begins again after so many ms. */
const IDLE = 90_000;
const DONE_FOR = 1_800;
const LIMIT = 500;

export type Way = 'take' | 'use' | 'back';
const WAYS: { way: Way; label: string; icon: typeof IconHandGrab }[] = [
  { way: 'take', label: 'Take', icon: IconHandGrab },
  { way: 'use', label: 'Use up', icon: IconFlame },
  { way: 'back', label: 'Return', icon: IconArrowBackUp },
];

export default function Shop() {
  const { t } = useTranslation();
  const me = useUser();
  const mayChoose = mayChoosePlace(me);
  const refresh = useRefresh();
  const isIdle = useIdle(IDLE, { initialState: false });
  const [way, setWay] = useState<Way | null>(null);
  const [who, setWho] = useState<Who | null>(null);
  /** `undefined`: not asked yet; `null`: none. */
  const [project, setProject] = useState<Row | null | undefined>(undefined);
  const [wanted, setWanted] = useState<Row | null>(null);
  const [item, setItem] = useState<Row | null>(null);
  const [home, setHome] = useState<number | null>(null);
  const [lent, setLent] = useState<Row[]>([]);
  const [fault, setFault] = useState('');
  const [done, setDone] = useState('');
  const [hasCamera, setHasCamera] = useState(false);

  const users = useQuery({ queryKey: ['shop', 'users'], queryFn: () => page<User>('/api/user/', { limit: LIMIT, is_active: true }), staleTime: 300_000 });
  const projects = useQuery({ queryKey: ['shop', 'projects'], queryFn: () => page('/api/project-code/', { limit: LIMIT, active: true }), staleTime: 300_000 });
  const people = users.data?.results ?? [me];

  const forget = () => {
    setWanted(null);
    setItem(null);
    setHome(null);
    setLent([]);
    setFault('');
  };
  const begin = () => {
    forget();
    setWay(null);
    setWho(null);
    setProject(undefined);
    setHasCamera(false);
  };
  useEffect(() => {
    if (!isIdle) return;
    forget();
    setWay(null);
    setWho(null);
    setProject(undefined);
    setHasCamera(false);
  }, [isIdle]);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(''), DONE_FOR);
    return () => clearTimeout(timer);
  }, [done]);

  const wrong = (text: string) => {
    sound('wrong');
    setFault(text);
  };

  /** A bag was scanned: the right one goes on to its amount. */
  const takeBag = async (pk: number) => {
    const bag = await get<Row>(`/api/stock/${pk}/`, kind('stockitem').query);
    if (wanted && bag.part !== wanted.pk) {
      return wrong(t('This is the wrong pack: it contains {{found}}, not {{wanted}}.', { found: kind('stockitem').title(bag), wanted: kind('part').title(wanted) }));
    }
    setFault('');
    if (way !== 'back') {
      if (bag.in_stock === false) return wrong(t('This item is not in stock.'));
      sound('taken');
      return setItem(bag);
    }
    const found = await lentOf(bag);
    if (found.length === 0) return wrong(t('No one has taken this.'));
    sound('taken');
    const first = found.find((row) => who && isPlaceOf(who, row.location_detail as Row | null)) ?? found[0]!;
    setLent(found);
    setHome(await homeOf(first, bag));
    setItem(first);
  };

  const scanned = async (scan: Scan) => {
    const badge = badgeOf(scan.code);
    const person = badge === undefined ? undefined : people.find((user) => user.pk === badge);
    if (scan.command) return begin();
    if (person) {
      sound('taken');
      setFault('');
      return setWho(whoOf(person));
    }
    const code = projects.data?.results.find((row) => String(row.code).toLowerCase() === scan.code.trim().toLowerCase());
    if (code) {
      sound('taken');
      return setProject(code);
    }
    if (!way) return wrong(t('Choose an action first.'));
    if (!who) return wrong(t('Scan your badge or choose your name first.'));
    if (scan.model === 'stocklocation' && item && way === 'back' && scan.pk) {
      if (!mayChoose && scan.pk !== home) return wrong(t('This is not where it was taken from.'));
      sound('taken');
      return setHome(scan.pk);
    }
    if (scan.model === 'part' && scan.pk && !item) {
      sound('taken');
      return setWanted(await get<Row>(`/api/part/${scan.pk}/`));
    }
    if (scan.model === 'stockitem' && scan.pk) {
      if (project === undefined) setProject(null);
      return takeBag(scan.pk);
    }
    wrong(t(scan.error ?? 'This is not a pack, a tool, or a location.'));
  };
  useScans((scan) => {
    scanned(scan).catch((error: Error) => wrong(error.message));
    return true;
  });

  const finish = async (work: Promise<unknown>, text: string) => {
    try {
      await work;
      await refresh();
      sound('done');
      setDone(text);
      forget();
    } catch (error) {
      wrong(error instanceof Error ? error.message : String(error));
    }
  };

  if (done) {
    return (
      <main className={classes.page}>
        <div className={classes.done} role="status">
          <IconCheck size={120} color="var(--mantine-color-green-7)" />
          <Title order={1}>{done}</Title>
        </div>
      </main>
    );
  }
  if (!way) {
    return (
      <main className={classes.page}>
        <Group justify="flex-end">
          <Device />
        </Group>
        <Title order={1} size="h2" ta="center">
          {t('What do you want to do?')}
        </Title>
        {WAYS.filter(({ way }) => way !== 'use' || mayUseUp(me)).map(({ way, label, icon: Icon }) => (
          <UnstyledButton key={way} className={classes.big} data-way={way} onClick={() => setWay(way)}>
            <Icon size={48} stroke={1.6} />
            {t(label)}
          </UnstyledButton>
        ))}
      </main>
    );
  }

  const label = WAYS.find((entry) => entry.way === way)?.label ?? '';
  const back = () => {
    setFault('');
    if (item) return setItem(null);
    if (wanted) return setWanted(null);
    if (project !== undefined) return setProject(undefined);
    if (who) return setWho(null);
    begin();
  };
  const asksProject = way !== 'back' && project === undefined && (projects.data?.results.length ?? 0) > 0;
  return (
    <main className={classes.page}>
      <Group justify="space-between" wrap="nowrap">
        <ActionIcon variant="default" size={52} radius="lg" aria-label={t('Back')} onClick={back}>
          <IconArrowLeft size={28} />
        </ActionIcon>
        <Stack gap={0} align="center" miw={0}>
          <Title order={1} size="h3">{t(label)}</Title>
          <Text c="dimmed" truncate>
            {[who?.name, project?.code].filter(Boolean).join(' · ')}
          </Text>
        </Stack>
        <ActionIcon variant="default" size={52} radius="lg" aria-label={hasCamera ? t('Camera off') : t('Camera on')} onClick={() => setHasCamera(!hasCamera)}>
          {hasCamera ? <IconCameraOff size={28} /> : <IconCamera size={28} />}
        </ActionIcon>
      </Group>
      {hasCamera && (
        <Suspense fallback={null}>
          <Camera onCode={(code) => void read(code).then(offer)} />
        </Suspense>
      )}
      {fault && (
        <Alert color="red" role="alert" p="md">
          <Text size="lg" fw={600}>{fault}</Text>
        </Alert>
      )}
      {!who ? (
        <People me={me} people={people} onChoose={(user) => setWho(whoOf(user))} />
      ) : asksProject ? (
        <Projects projects={projects.data?.results ?? []} onChoose={setProject} />
      ) : !item ? (
        <What way={way} who={who} wanted={wanted} onWanted={setWanted} onBag={(pk) => void takeBag(pk).catch((error: Error) => wrong(error.message))} />
      ) : way === 'back' ? (
        <Condition
          key={item.pk}
          item={item}
          lent={lent}
          home={home}
          mayChoose={mayChoose}
          onItem={setItem}
          onHome={setHome}
          onDone={(amount, status, words) => {
            if (!home) return wrong(mayChoose ? t('Scan or choose the destination.') : t('It is not known where this was taken from. Ask a stock keeper.'));
            void finish(bringBack(item, amount, home, status, who, words), t('Returned'));
          }}
        />
      ) : (
        <Amount
          key={item.pk}
          item={item}
          label={label}
          onDone={(amount) =>
            void finish(
              way === 'take' ? take(item, amount, who, project ?? null) : consume(item, amount, who, project ?? null),
              way === 'take' ? t('Taken: {{count}}', { count: Number(amount) }) : t('Consumed: {{count}}', { count: Number(amount) }),
            )
          }
        />
      )}
      <Button variant="subtle" size="lg" mt="auto" onClick={begin}>
        {t('Finish')}
      </Button>
    </main>
  );
}
