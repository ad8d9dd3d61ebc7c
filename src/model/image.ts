/** An image as the API names it; `digest` is `sha256:…`. */
export interface ImageDescriptor {
  readonly registry?: string;
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: string;
}
