"""The publications whose flag no longer is what their channel says of the groups of their SKUs."""


def turned(flag: str, *, when: str, anywhere: str) -> str:
    """SQL of a table `x` (listing_id, turned): the publications `p` to follow, of `:channel_id` or of all, locked.

    `when` says of channel `c` and SKU `s` whether the flag is to stand. Where `anywhere` holds of no channel and the
    flag stands nowhere, nothing is looked at.
    """
    return f"""x AS (
  SELECT p.listing_id, w.turned
  FROM publications p JOIN channels c ON c.id = p.channel_id
  JOIN listings l ON l.id = p.listing_id LEFT JOIN skus s ON s.sku = l.sku
  CROSS JOIN LATERAL (SELECT {when} AS turned) w
  WHERE (EXISTS (SELECT FROM channels WHERE {anywhere})
         OR EXISTS (SELECT FROM publications WHERE {flag} AND stopped_at IS NULL))
    AND c.id = coalesce(CAST(:channel_id AS uuid), c.id) AND p.stopped_at IS NULL AND p.{flag} <> w.turned
  ORDER BY p.listing_id FOR UPDATE OF p
)"""  # noqa: S608 -- constants only
