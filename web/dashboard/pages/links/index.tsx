export default function Links() {
  return <h1>Links</h1>;
}
