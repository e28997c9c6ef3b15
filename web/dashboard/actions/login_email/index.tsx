import type { DialogProps } from '../../actions';

export default function LoginEmailDialog({ onClose }: DialogProps) {
  onClose();
  return null;
}
