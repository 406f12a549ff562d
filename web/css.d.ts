/** Style sheets are imported for what they do: the bundler puts them into the page. */
declare module "*.css";
