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

/** Begins to look after images; those that are watched already stay as they are, unless they rest. */
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
          .where('watched_images.next_check_at', '>', isResting),
      )
      .execute();
  }
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
  db: Db,
  pushed: readonly Pick<ImageTag, 'repository' | 'tag'>[],
  times: Pick<Push, 'now' | 'settleMs' | 'longestSettleMs'>,
): Promise<number> {
  if (pushed.length === 0) return 0;
  const rows = await db
    .updateTable('watched_images')
    .set((eb) => ({
      ...pushTimes(eb, times),
      pushed_digest: null,
      pushed_by: null,
    }))
    .where((eb) =>
      eb(
        eb.refTuple('repository', 'tag'),
        'in',
        pushed.map(({ repository, tag }) => eb.tuple(storableText(repository), storableText(tag))),
      ),
    )
    .where('registry', 'not in', (eb) => eb.selectFrom('registries').select('login_server'))
    .returning('tag')
    .execute();
  return rows.length;
}

/** Has all images of the registries that run here looked at now. */
export async function checkOwnImagesNow(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('watched_images')
    .set({ next_check_at: now })
    .where('registry', 'in', (eb) => eb.selectFrom('registries').select('login_server'))
    .execute();
}

/**
 * Takes images that are due, of the registries of this deployment or of all others: they are this caller's
 * until `until`.
 */
export async function takeImages(
  db: Db,
  whose: 'own' | 'others',
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

/** Notes that an image was looked at. A push that came meanwhile still counts: false, and it stays as it is. */
export async function settleImage(
  db: Db,
  image: WatchedImage,
  next: { readonly checkAt: Date; readonly failures: number },
): Promise<boolean> {
  const { lastPushedAt } = image;
  const row = await db
    .updateTable('watched_images')
    .set({
      next_check_at: next.checkAt,
      failures: next.failures,
      ...(next.failures === 0 && { first_pushed_at: null, last_pushed_at: null }),
    })
    .where(isImage(image))
    .where('last_pushed_at', 'is not distinct from', lastPushedAt ?? null)
    .returning('tag')
    .executeTakeFirst();
  return row !== undefined;
}

/** Leaves all images of a registry alone until then. */
export async function restRegistry(db: Db, registry: string, until: Date): Promise<void> {
  await db
    .updateTable('watched_images')
    .set({ next_check_at: until })
    .where('registry', '=', registry)
    .where('next_check_at', '<', until)
    .execute();
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
