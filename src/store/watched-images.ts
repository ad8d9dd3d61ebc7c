import { sql, type ExpressionBuilder, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { ImageTag } from '../model/index.ts';
import type { Database, WatchedImagesTable } from './schema.ts';
import { storableText } from './storable.ts';

type Db = Kysely<Database> | Transaction<Database>;

/** An image that some task stands on. */
export interface WatchedImage extends ImageTag {
  /** Checks in vain since the last that worked. */
  readonly failures: number;
  /** When it was heard last that it was pushed, since it was looked at. */
  readonly lastPushedAt: Date | undefined;
  readonly pushedDigest: string | undefined;
  /** The run that pushed it. */
  readonly pushedBy: number | undefined;
}

/** One that nothing stands on is looked at so much later; the row stays, for whatever stands on it again. */
export const restMs = 24 * 3600 * 1000;

/**
 * Begins to look after images; those that are watched already stay as they are, unless they rest, or could not be
 * looked at: now that a run had the image, its login may be another one.
 */
export async function watchImages(db: Db, images: readonly ImageTag[], now: Date): Promise<void> {
  const isResting = new Date(now.getTime() + restMs / 2);
  for (const { registry, repository, tag } of images) {
    await db
      .insertInto('watched_images')
      .values({ registry, repository, tag, next_check_at: now })
      .onConflict((oc) =>
        oc
          .columns(['registry', 'repository', 'tag'])
          .doUpdateSet({ next_check_at: now })
          .where((eb) =>
            eb.or([
              eb('watched_images.next_check_at', '>', isResting),
              eb('watched_images.failures', '>', 0),
            ]),
          ),
      )
      .execute();
  }
}

/**
 * Has images to oneself until the transaction ends. Who changes several does this first: in one order, so that two do
 * not wait for each other.
 */
export async function lockImages(trx: Transaction<Database>, images: readonly ImageTag[]): Promise<void> {
  if (images.length === 0) return;
  await inOrder(trx)
    .where((eb) => eb.or(images.map((image) => isImage(image)(eb))))
    .execute();
}

function inOrder(trx: Transaction<Database>) {
  return trx
    .selectFrom('watched_images')
    .select('tag')
    .orderBy('registry')
    .orderBy('repository')
    .orderBy('tag')
    .forUpdate();
}

export interface Push {
  readonly image: ImageTag;
  readonly digest: string | undefined;
  /** The run that pushed it, if it was one. */
  readonly runKey: number | undefined;
  readonly now: Date;
  /** It is looked at when nothing was pushed for so long, or after so long whatever is pushed. */
  readonly settleMs: number;
  readonly longestSettleMs: number;
}

/** Remembers that an image was pushed; false when nothing stands on it. */
export async function recordPush(db: Db, push: Push): Promise<boolean> {
  const { image, digest, runKey } = push;
  const row = await db
    .updateTable('watched_images')
    .set((eb) => ({ ...pushTimes(eb, push), pushed_digest: digest ?? null, pushed_by: runKey ?? null }))
    .where(isImage(image))
    .returning('tag')
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Remembers that somebody says that tags were pushed to a registry of another deployment. Its name is not
 * compared: registries go by several, and what the tag means is asked for anyway.
 * @returns how many images that something stands on are so called.
 */
export async function recordForeignPushes(
  trx: Transaction<Database>,
  pushed: readonly Pick<ImageTag, 'repository' | 'tag'>[],
  times: Pick<Push, 'now' | 'settleMs' | 'longestSettleMs'>,
): Promise<number> {
  if (pushed.length === 0) return 0;
  const isMeant = (eb: ExpressionBuilder<Database, 'watched_images'>) =>
    eb.and([
      eb(
        eb.refTuple('repository', 'tag'),
        'in',
        pushed.map(({ repository, tag }) => eb.tuple(storableText(repository), storableText(tag))),
      ),
      eb('registry', 'not in', eb.selectFrom('registries').select('login_server')),
    ]);
  await inOrder(trx).where(isMeant).execute();
  const rows = await trx
    .updateTable('watched_images')
    .set((eb) => ({ ...pushTimes(eb, times), pushed_digest: null, pushed_by: null }))
    .where(isMeant)
    .returning('tag')
    .execute();
  return rows.length;
}

/** Has all images of the registries that run here looked at now. */
export async function checkOwnImagesNow(trx: Transaction<Database>, now: Date): Promise<void> {
  await inOrder(trx)
    .where('registry', 'in', (eb) => eb.selectFrom('registries').select('login_server'))
    .execute();
  await trx
    .updateTable('watched_images')
    .set({ next_check_at: now })
    .where('registry', 'in', (eb) => eb.selectFrom('registries').select('login_server'))
    .execute();
}

/**
 * Takes images that are due, of the registries of this deployment or of all others: they are this caller's
 * until `until`. Of all that are due, or of those that were heard to be pushed.
 */
export async function takeImages(
  db: Db,
  whose: 'own' | 'others',
  which: 'due' | 'pushed',
  now: Date,
  until: Date,
  limit: number,
): Promise<WatchedImage[]> {
  const rows = await db
    .updateTable('watched_images')
    .set({ next_check_at: until })
    .where((eb) =>
      eb(
        eb.refTuple('registry', 'repository', 'tag'),
        'in',
        eb
          .selectFrom('watched_images')
          .select(['registry', 'repository', 'tag'])
          .where('next_check_at', '<=', now)
          .where('registry', whose === 'own' ? 'in' : 'not in', (from) =>
            from.selectFrom('registries').select('login_server'),
          )
          .where('registry', 'not in', (from) =>
            from.selectFrom('resting_registries').select('registry').where('until', '>', now),
          )
          .$if(which === 'pushed', (query) => query.where('last_pushed_at', 'is not', null))
          .orderBy('next_check_at')
          .limit(limit)
          .forUpdate()
          .skipLocked()
          .$asTuple('registry', 'repository', 'tag'),
      ),
    )
    .returningAll()
    .execute();
  return rows.map(toWatchedImage);
}

/**
 * Notes that an image was looked at, and what was wrong. A push that came meanwhile still counts: false, and it
 * stays as it is.
 */
export async function settleImage(
  db: Db,
  image: WatchedImage,
  next: { readonly checkedAt: Date; readonly checkAt: Date; readonly error?: string },
): Promise<boolean> {
  const { lastPushedAt, failures } = image;
  const { checkedAt, checkAt, error } = next;
  const row = await db
    .updateTable('watched_images')
    .set({
      next_check_at: checkAt,
      checked_at: checkedAt,
      ...(error === undefined
        ? { failures: 0, last_error: null, first_pushed_at: null, last_pushed_at: null }
        : { failures: failures + 1, last_error: storableText(error) }),
    })
    .where(isImage(image))
    .where('last_pushed_at', 'is not distinct from', lastPushedAt ?? null)
    .returning('tag')
    .executeTakeFirst();
  return row !== undefined;
}

/** How long a registry is left alone: until then, or for so long, and twice as long each time in a row. */
export type Rest =
  { readonly until: Date } | { readonly fromSeconds: number; readonly toSeconds: number; readonly now: Date };

/** Leaves all images of a registry alone for a while. @returns until when. */
export async function restRegistry(trx: Transaction<Database>, registry: string, rest: Rest): Promise<Date> {
  const seconds = (failures: 'resting_registries.failures' | 0) =>
    'until' in rest
      ? sql<Date>`${rest.until}::timestamptz`
      : sql<Date>`${rest.now}::timestamptz + interval '1 second'
          * least(${rest.toSeconds}::float8, ${rest.fromSeconds}::float8 * power(2, least(20, ${
            failures === 0 ? sql`0` : sql.ref(failures)
          })))`;
  const { until } = await trx
    .insertInto('resting_registries')
    .values({ registry, until: seconds(0) })
    .onConflict((oc) =>
      oc.column('registry').doUpdateSet((eb) => ({
        until: eb.fn<Date>('greatest', ['resting_registries.until', seconds('resting_registries.failures')]),
        failures: eb('resting_registries.failures', '+', 1),
      })),
    )
    .returning('until')
    .executeTakeFirstOrThrow();
  await inOrder(trx).where('registry', '=', registry).where('next_check_at', '<', until).execute();
  await trx
    .updateTable('watched_images')
    .set({ next_check_at: until })
    .where('registry', '=', registry)
    .where('next_check_at', '<', until)
    .execute();
  return until;
}

/** A registry answers again. */
export async function endRest(db: Db, registry: string): Promise<void> {
  await db.deleteFrom('resting_registries').where('registry', '=', registry).execute();
}

function pushTimes(
  eb: ExpressionBuilder<Database, 'watched_images'>,
  { now, settleMs, longestSettleMs }: Pick<Push, 'now' | 'settleMs' | 'longestSettleMs'>,
) {
  return {
    first_pushed_at: eb.fn.coalesce('first_pushed_at', eb.val(now)),
    last_pushed_at: now,
    next_check_at: eb.fn<Date>('least', [
      eb.val(new Date(now.getTime() + settleMs)),
      sql`coalesce(first_pushed_at, ${now}::timestamptz) + ${longestSettleMs} * interval '1 millisecond'`,
    ]),
  };
}

function isImage({ registry, repository, tag }: ImageTag) {
  return (eb: ExpressionBuilder<Database, 'watched_images'>) => eb.and({ registry, repository, tag });
}

function toWatchedImage(row: Selectable<WatchedImagesTable>): WatchedImage {
  return {
    registry: row.registry,
    repository: row.repository,
    tag: row.tag,
    failures: row.failures,
    lastPushedAt: row.last_pushed_at ?? undefined,
    pushedDigest: row.pushed_digest ?? undefined,
    pushedBy: row.pushed_by ?? undefined,
  };
}
