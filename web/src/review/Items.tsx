// Paragraphs, headings, lists, tables, as the layout has them.
import { memo } from "../ui/memo";
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Block } from "../api/types";
import type { Cell, Item } from "../model/layout";
import { pieces } from "../model/marks";
import { useStore } from "../state/session";
import { PieceView } from "./Piece";
import { CommentDots } from "./CommentDots";
import { place, repaint } from "./paint";

export function Items({ items, depth }: { items: Item[]; depth: number }) {
  return (
    <>
      {items.map((item) => {
        switch (item.type) {
          case "block":
            return <BlockView key={item.block.i} block={item.block} depth={depth} />;
          case "list":
            return <ListView key={item.blocks[0]?.i} blocks={item.blocks} />;
          case "table":
            return <TableView key={`t${item.t}`} t={item.t} rows={item.rows} depth={depth} />;
          case "box":
            return (
              <div key={`box${item.items.length}`} class="textbox">
                <Items items={item.items} depth={depth} />
              </div>
            );
        }
      })}
    </>
  );
}

function ListView({ blocks }: { blocks: Block[] }) {
  return (
    <ul class="list" role="list">
      {blocks.map((block) => (
        <li key={block.i} class={`item level-${Math.min(9, block.list_level ?? 1)}`}>
          {block.label && <span class="label">{block.label}</span>}
          <BlockView block={block} depth={1} bare />
        </li>
      ))}
    </ul>
  );
}

const TableView = memo(({ t, rows, depth }: { t: number; rows: Cell[][]; depth: number }) => {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // what scrolls must be reachable by keyboard; what does not scroll need not be
    const e = box.current;
    if (e && e.scrollWidth > e.clientWidth + 1) e.tabIndex = 0;
  }, []);
  return (
    <div class="table-scroll" ref={box} role="group" aria-label={`Table ${t + 1}`}>
      <table>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell) => {
                const content = <Items items={cell.items} depth={depth} />;
                return cell.header ? (
                  <th key={cell.col} scope="col" rowSpan={cell.rowSpan} colSpan={cell.colSpan}>
                    {content}
                  </th>
                ) : (
                  <td key={cell.col} rowSpan={cell.rowSpan} colSpan={cell.colSpan}>
                    {content}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});

// bare: inside a list item, which shows the label itself
const BlockView = memo(({ block, depth, bare = false }: { block: Block; depth: number; bare?: boolean }) => {
  const store = useStore();
  const element = useRef<HTMLElement>(null);
  const marks = store.marks(block.i).value;
  const comments = store.comments.value.get(block.i) ?? [];
  useLayoutEffect(() => {
    place(block.i, element.current);
    return () => place(block.i, null);
  }, [block.i]);
  useLayoutEffect(() => repaint(block.i));
  const isHeading = block.kind === "heading" || (block.level !== undefined && block.level > 0);
  const Tag = bare ? "div" : isHeading ? (`h${Math.min(6, depth + 1)}` as "h2") : "p";
  const name = ["block", isHeading && `heading h-${Math.min(5, block.level ?? 1)}`, block.title && "title", block.toc && "toc", block.runs.length === 0 && "blank"].filter(Boolean).join(" ");
  return (
    <Tag ref={element as never} class={name} data-block={block.i}>
      {!bare && block.label && <span class="label">{block.label} </span>}
      {pieces(block.runs, marks, comments).map((piece, i) => (
        <PieceView key={i} piece={piece} />
      ))}
      {comments.length > 0 && <CommentDots block={block.i} />}
    </Tag>
  );
});
