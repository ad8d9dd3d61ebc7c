import { useEffect, useRef, useState, type RefObject } from 'react';

/** So near to its end a box counts as followed, in pixels. */
const nearPixels = 24;
/** A scroll so soon after a key, a wheel or a finger was the reader's; others are the browser's. */
const intentMs = 1000;

/**
 * Keeps a box scrolled to its end while what is in it grows: until the reader scrolls away from there, and again
 * from when the reader comes back to it.
 */
export function useFollow(box: RefObject<HTMLElement | null>, startsAtEnd: boolean) {
  const [isFollowing, setFollowing] = useState(startsAtEnd);
  const intentAt = useRef(0);
  useEffect(() => {
    const element = box.current;
    const content = element?.firstElementChild;
    if (!isFollowing || !element || !content) return;
    const toEnd = (): void => {
      element.scrollTop = element.scrollHeight;
    };
    const observer = new ResizeObserver(toEnd); // it tells at once how large it is, too
    observer.observe(content);
    return () => observer.disconnect();
  }, [box, isFollowing]);
  const intend = (): void => {
    intentAt.current = Date.now();
  };
  const onScroll = ({ currentTarget }: { currentTarget: HTMLElement }): void => {
    const { scrollHeight, scrollTop, clientHeight } = currentTarget;
    if (Date.now() - intentAt.current > intentMs) return;
    setFollowing(scrollHeight - scrollTop - clientHeight < nearPixels);
  };
  return {
    isFollowing,
    setFollowing,
    /** For the box. */
    handlers: { onScroll, onWheel: intend, onKeyDown: intend, onPointerDown: intend, onTouchMove: intend },
  };
}
