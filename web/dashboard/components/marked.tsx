/** Words of the API: what is between backticks there, such as `offer.title`, is shown as code. */
export const Marked = ({ text }: { text: string }) => (
  <>{text.split(/`([^`]+)`/).map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part))}</>
);
