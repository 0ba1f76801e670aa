import { Box, type FlexProps } from "@chakra-ui/react";
import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { ApiError, FieldError } from "@/lib/api/problem";
import { Notice } from "./Notice";

type Props = Omit<FlexProps, "title"> & {
  readonly error: ApiError;
  /** Where our words help more than those of the API. */
  readonly title?: string;
  /** Errors with no field of their own on screen. */
  readonly unplaced?: readonly FieldError[];
  readonly action?: ReactNode;
};

/** What went wrong, in the words of the API. */
export function Trouble({ error, title, unplaced = error.errors, action, ...rest }: Props) {
  const detail = title || error.message === error.title ? null : error.message;
  return (
    <Notice
      tone="danger"
      icon={CircleAlert}
      role="alert"
      title={title ?? error.title}
      action={action}
      {...rest}
    >
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
