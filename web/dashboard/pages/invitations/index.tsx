export default function Invitations() {
  return <h1>Invitations</h1>;
}
