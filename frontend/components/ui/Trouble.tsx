import { Box } from "@chakra-ui/react";
import { CircleAlert } from "lucide-react";
import type { ApiError, FieldError } from "@/lib/api/problem";
import { Notice, type NoticeProps } from "./Notice";

type Props = Partial<Omit<NoticeProps, "title">> & {
  readonly error: ApiError;
  /** Where our words help more than those of the API. */
  readonly title?: string;
  /** Errors with no field of their own on screen. */
  readonly unplaced?: readonly FieldError[];
};

/** What went wrong, in the words of the API. */
export function Trouble({ error, title, unplaced = error.errors, ...rest }: Props) {
  const detail = title || error.message === error.title ? null : error.message;
  return (
    <Notice tone="danger" icon={CircleAlert} role="alert" title={title ?? error.title} {...rest}>
      {detail}
      {unplaced.length > 0 && (
        <Box as="ul">
          {unplaced.map(({ pointer, detail }) => (
            <li key={`${pointer} ${detail}`}>
              <code>{pointer}</code>: {detail}
            </li>
          ))}
        </Box>
      )}
    </Notice>
  );
}
