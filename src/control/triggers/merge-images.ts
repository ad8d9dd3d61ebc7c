import { formatImageTag, imageTagOf, type Delivery, type ImageRunTrigger } from '../../model/index.ts';
import type { TaskBaseImage } from '../../store/index.ts';

/** A delivery of an updated image. */
export type ImageDelivery = Delivery & { readonly trigger: ImageRunTrigger };

export function isImageDelivery(delivery: Delivery): delivery is ImageDelivery {
  return delivery.trigger.kind === 'image';
}

/**
 * What several deliveries of one task come to: of each image the newest digest, unless the task was built
 * from it since; undefined when nothing is left. `first` is the one that the run is for.
 */
export function mergeImages(
  first: ImageDelivery,
  others: readonly ImageDelivery[],
  builtFrom: readonly TaskBaseImage[],
): ImageRunTrigger | undefined {
  const all = [first, ...others].toSorted((one, other) => one.deliveryId - other.deliveryId);
  const isOld = (image: ImageRunTrigger['images'][number]): boolean =>
    builtFrom.some(
      ({ registry, repository, tag, digest }) =>
        digest === image.digest &&
        registry === image.registry &&
        repository === image.repository &&
        tag === image.tag,
    );
  const newest = new Map(
    all.flatMap(({ trigger, redeliveryOf }) =>
      trigger.images.flatMap((image) => {
        const tag = imageTagOf(image);
        // Who sends one again by hand wants a run.
        return tag && (redeliveryOf !== undefined || !isOld(image))
          ? [[formatImageTag(tag), image] as const]
          : [];
      }),
    ),
  );
  if (newest.size === 0) return undefined;
  const causedBy = [...new Set(all.flatMap(({ trigger }) => trigger.causedBy ?? []))];
  return { ...first.trigger, images: [...newest.values()], ...(causedBy.length > 0 && { causedBy }) };
}
