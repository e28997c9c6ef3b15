// Who a row is about: a name above an address, of any length and direction.

export const Recipient = ({ name, address }: { name: string | null; address: string | null }) => (
  <span class="recipient">
    <bdi class="recipient-name">{name ?? address}</bdi>
    {name && address && <bdi class="recipient-address hint">{address}</bdi>}
  </span>
);
