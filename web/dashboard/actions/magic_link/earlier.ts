import { useQuery } from '../../api';
import { LIVE_LINKS } from './request';

export type Earlier = {
  /** The newest link that staff generated for the contact and that is still live. */
  newest: { id: string; createdAt: string } | undefined;
  others: number;
};

export function useEarlier(contactId: string | undefined): Earlier {
  const { data } = useQuery(LIVE_LINKS, { contactId: contactId ?? '' }, { pause: !contactId });
  const generated = (data?.magicLinks.nodes ?? [])
    .filter(({ purpose }) => purpose === 'GENERATED')
    .sort((one, other) => other.createdAt.localeCompare(one.createdAt));
  return { newest: generated[0], others: Math.max(0, generated.length - 1) };
}
