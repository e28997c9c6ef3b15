import type { DialogProps } from '../../actions';

export default function InviteDialog({ onClose }: DialogProps) {
  onClose();
  return null;
}
