"""What users of other systems report of stock, orders and parcels cannot happen here: tests say so of each.

| Complaint | Never here, since |
|---|---|
| C16 two lines that share an item are each checked alone | demand is exploded and summed before any check (L7) |
| C17 parallel checkouts oversell | promises are granted under lock (L6) |
| C18 paid but out of stock; negative availability | a fact is held for a person; the least that is told is none (L6) |
| C19 what is reserved goes below zero | the database refuses it (L6) |
| C20 a failed checkout keeps its reservation | a reservation has an owner and an end (L6) |
| C21 a resumed order oversells | a cancel is never unsaid; taken anew, it is promised anew (L2, L6) |
| C22 a bundle's stock is wrong, and wrong again when it comes back | its parts move, each once (L7, L8) |
| C23 reservations drift, and a tool must list them | levels are the sum of the ledger; `hub check` adds it up (L8) |
| C24 a sync empties the shop, or the shelf | what is drastic and was not sold waits; what is shown is no count (L12) |
| C25 a deleted product goes on selling | two looks in a row make it gone, and nothing more is told of it (L11) |
| C26 two systems correct each other forever | an echo moves nothing; what is put right thrice a day waits (L9, L11) |
| C27 what was sent back does not come back to the shelf | a return is a movement with its disposition (L8) |
| C28 a corrective write is swallowed, its key being the quantity | the key is the version (L9) |
| C29 two writes at once end with the older value | versions are compared, and what is shown is read back (L9, L11) |
| C30 stock of what is there never reaches the channel | what no number reached is listed with the reason (L10, L11) |
| C31 only the first fifty locations are there | every page is read, and certification has 120 (L4) |
| C32 a sync does nothing for weeks, and nobody knows | every number has an age, a goal, and a reason (L10, L13) |
| C33 a resend pushes an old payload | the number is computed when it is sent (L9) |
| C34 a channel is switched off after a few errors | it backs off, and is tried again by itself (L13) |
| C35 two stores share a location, and their listings mix | a listing is known by its channel and its id there |
| C36 lines added after the import are dropped | an order is a fold over its snapshots (L2) |
| C37 a cancel is never noticed | the poll compares what an order is, not what happened (L2, L4) |
| C38 a cancel brings stock back twice, or not at all | a release has its cause, once (L8) |
| C39 late news of a payment revives what was canceled | a cancel is never unsaid, but by a person (L2) |
| C40 refunds are ignored | a refund is a change of its own, and never more than was paid (L14) |
| C41 what has left cannot be edited or refunded | money and address follow at every stage, stock does not (L8) |
| C42 an edit charges or refunds the wrong amount | totals follow their parts, once (L14) |
| C43 totals are wrong after an edit | the channel's own difference stays beside them (L14) |
| C44 a sync overwrites what a person edited | each field has an owner, a conflict is shown (L2) |
| C45 one tracking number for an order, however many parcels | a parcel has its own lines, number and state |
| C46 a marketplace calls a shipment late although it was told | the moment of its answer is kept beside what was sent |
| C47 an unknown state of a parcel counts as a failure | it changes nothing; a lost answer is read back (L13) |
| C48 a fulfillment given up leaves a promise behind | a pick list promises nothing; the ledger does (L8) |
| C49 carrier and shipping cost are lost on import | both are fields of the order, and parts of its total (L14) |
| C50 fractions of a coin stay pending | what goes back is rounded over all that has gone so far (L14) |
| C51 a tax that stands on one line makes net prices wrong | the channel's own figures count, no rate does (L14) |
| C52 a discount is taken off the wrong total | a line gives back what was charged for it after its discount (L14) |
| C53 the wrong currency is used for years | no transfer pays an order in another currency; lines are of one (L14) |
| C54 line prices come from our catalog | an amount is the channel's own; a list price is only compared (L14) |
| C55 an order is dated by its sync | the channel says when it was placed; when it was taken stands beside |
| C56 the poll asks in a time zone of its own | it asks in UTC, from the last record seen, with an overlap (L4) |
| C57 goods are there twice in place of matched | a listing becomes a SKU, or one of ours, by a person's word alone |
| C58 custom lines are not taken | a line without goods is legal: it carries money, and takes no stock |
| C59 addresses and customers get in each other's way | an address is a snapshot on its order, no key of a person |
| C62 a job cannot be queued again while its result is kept | a ring never carries meaning, and keeps no result (L3) |
| C63 a job cannot queue itself again | a ring has no id that could be taken: a job may ring itself (L3) |
| C64 tasks are stuck after a worker crashed | what waits is a row, and another worker takes it (L3) |
| C65 work is kept in the queue alone | work is a row; the queue rings for it, and a sweep rings again (L3) |
| C66 a job looks for a row that is not committed yet | rings come after the commit; the sweep covers the gap (L3) |
| C67 a killed run stalls, or delivers twice | a run goes on at the batch it was in (L1, L3) |
| C68 a bulk action blocks stock writes | what would be oversold soonest leaves first, by slots and budget of its own |
| C69 nobody knows how long an event takes | every stage of every number is in a histogram (L10) |
| C70 five calls an order exceed the quota | budgets are declared, and a call costs its weight |
| C71 a shop blocks who hammers it | there is one way out, and it keeps the limit |
| C72 a shop switches a webhook off after some refusals | it is looked after every hour, and counted (L4) |
| C73 a sync just fails | an error is named by what happens next (L13) |
"""

import ast

import pytest

from tests.house.reading import FUNCTIONS, ROOT, tree_of

TOTALS = "flows/test_edits.py::test_c42_c43_totals_follow_an_edit_and_the_channels_own_difference_stays"
GIVEN_BACK = (
    "flows/test_give_back.py"
    "::test_c51_c52_a_line_gives_back_what_was_charged_after_its_discount_and_with_its_own_tax"
)
PROOFS = {
    "C16": (
        "model/test_stock.py::test_two_lines_that_share_a_component_never_get_the_same_unit",
        "flows/test_bundles.py::test_two_lines_that_share_a_component_never_get_the_same_unit",
    ),
    "C17": (
        "flows/test_concurrency.py::test_40_parallel_promises_on_10_units_grant_exactly_10",
        "flows/test_crowds.py::test_40_connections_are_promised_exactly_what_is_there",
        "flows/test_crowds.py::test_the_same_40_are_promised_more_than_there_is_without_the_locks",
    ),
    "C18": (
        "flows/test_sold_out.py::test_c18_paid_but_out_of_stock_is_held_and_no_channel_is_told_less_than_none",
        "flows/test_sold_out.py::test_c18_a_negative_level_is_nobodys_stock_and_keeps_none_from_another_location",
    ),
    "C19": ("flows/test_reservations.py::test_c19_what_is_reserved_is_never_below_zero",),
    "C20": (
        "flows/test_reservations.py::test_c20_a_refused_acceptance_leaves_the_draft_with_its_time_and_nothing_else",
        "flows/test_reservations.py::test_c20_no_reservation_outlives_its_owner",
    ),
    "C21": (
        "flows/test_sold_out.py::test_c21_a_canceled_order_shown_as_open_again_takes_no_unit_back",
        "flows/test_sold_out.py::test_c21_who_takes_a_canceled_order_anew_promises_anew_and_may_be_refused",
        "flows/test_edits.py::test_c21_who_reopens_an_order_promises_anew_and_may_be_refused",
    ),
    "C22": (
        "flows/test_sold_out.py::test_c22_a_bundle_that_comes_back_brings_each_of_its_parts_back_once",
        "flows/test_sold_out.py::test_c22_no_more_bundles_come_back_than_left",
        "flows/test_sold_out.py::test_c22_a_bundle_made_of_something_else_since_brings_back_what_left",
    ),
    "C23": (
        "store/test_checks.py::test_a_check_finds_its_rule_broken",
        "flows/test_ledger_machine.py::test_the_books_are_those_of_a_plain_dictionary_whatever_happens",
    ),
    "C24": (
        "jobs/test_seatbelt.py::test_c24_a_broken_import_of_zeros_does_not_empty_the_shop",
        "jobs/test_seatbelt.py::test_c24_zeros_that_come_in_small_pieces_do_not_empty_it_either",
        "jobs/test_seatbelt.py::test_the_first_numbers_of_a_shop_do_not_empty_what_it_is_read_to_show",
        "jobs/test_seatbelt.py::test_first_numbers_of_a_shop_that_cannot_be_read_wait_where_they_may_empty_it",
        "jobs/test_no_loop_no_wipe.py::test_goods_nobody_has_counted_keep_the_numbers_their_channel_shows",
        "jobs/test_no_loop_no_wipe.py::test_c24_a_channel_that_shows_none_of_anything_empties_no_shelf",
    ),
    "C25": (
        "jobs/test_reconcile.py::test_c25_a_listing_the_channel_does_not_know_is_asked_about_and_looked_for",
        "jobs/test_pull_listings.py::test_a_product_deleted_on_the_channel_does_not_stay_selling_silently",
        "jobs/test_pull_listings.py::test_nothing_is_told_of_a_listing_that_is_gone",
    ),
    "C26": (
        "jobs/test_reconcile.py::test_c26_two_systems_that_correct_one_another_stop_and_a_person_is_asked",
        "jobs/test_no_loop_no_wipe.py::test_two_channels_that_echo_our_numbers_start_no_loop",
    ),
    "C27": (
        "flows/test_take_back.py::test_restocked_goods_are_sold_again_and_channels_are_told",
        "flows/test_take_back.py::test_the_same_return_again_changes_nothing",
    ),
    "C28": ("jobs/test_push_stock.py::test_5_to_3_to_5_reaches_the_channel_each_time",),
    "C29": (
        "jobs/test_push_stock.py::test_a_late_answer_to_an_older_version_changes_nothing",
        "jobs/test_reconcile.py::test_c29_a_write_that_did_not_stay_is_found_and_written_again",
        "system/test_reconcile.py::test_numbers_tampered_with_on_the_channels_are_found_and_healed",
    ),
    "C30": (
        "flows/test_matching.py::test_c30_what_is_never_sent_is_listed_with_the_reason",
        "system/test_reconcile.py::test_numbers_tampered_with_on_the_channels_are_found_and_healed",
    ),
    "C31": (
        "channels/test_places.py::test_c31_120_places_on_three_pages_are_all_listed_in_their_order",
        "cli/test_channel_places.py::test_each_of_120_places_is_listed_with_its_id_and_ours",
    ),
    "C32": ("jobs/test_pace.py::test_c32_a_channel_that_does_nothing_is_late_within_its_goal_and_says_why",),
    "C33": (
        "jobs/test_push_stock.py::test_5_to_3_to_5_before_anybody_looked_is_told_once",
        "jobs/test_seatbelt.py::test_what_a_person_approves_is_told_as_it_is_then",
    ),
    "C34": (
        "jobs/test_push_stock.py::test_a_channel_that_is_down_is_paused_and_asked_again_later",
        "jobs/test_push_stock.py::test_a_channel_that_is_up_again_is_healthy_again",
    ),
    "C35": ("flows/test_matching.py::test_c35_channels_that_share_a_location_and_even_ids_share_no_match",),
    "C36": ("flows/test_edits.py::test_c36_lines_added_after_the_order_was_taken_arrive",),
    "C37": (
        "jobs/test_pull_orders.py::test_c37_a_cancel_that_only_the_poll_brings_gives_the_stock_back",
        "flows/test_edits.py::test_c37_a_cancel_of_the_channel_is_noticed_whatever_a_person_changed",
    ),
    "C38": ("flows/test_edits.py::test_c38_a_cancel_brings_the_stock_back_exactly_once",),
    "C39": (
        "flows/test_edits.py::test_c39_late_news_of_a_payment_does_not_revive_what_a_person_canceled",
        "flows/test_edits.py::test_c39_late_news_of_a_payment_does_not_unsay_that_it_went_back",
        "flows/test_take_orders.py::test_a_cancel_gives_the_units_back_once_and_is_never_unsaid",
    ),
    "C40": (
        "flows/test_edits.py::test_c40_a_refund_goes_back_once_and_never_more_than_was_paid",
        "flows/test_pay.py::test_c40_no_more_is_given_back_than_was_paid",
        "model/test_payments.py::test_never_more_is_refunded_than_was_captured",
    ),
    "C41": (
        "flows/test_edits.py::test_c41_what_has_left_can_be_refunded_and_corrected_but_not_canceled",
        "flows/test_give_back.py::test_c41_c50_all_that_has_left_is_refunded_line_by_line_and_nothing_is_pending",
    ),
    "C42": (TOTALS,),
    "C43": (
        TOTALS,
        "flows/test_pay.py::test_c43_what_the_hub_gave_back_stays_said_whatever_the_channel_repeats",
        "model/test_payments.py::test_c43_a_part_refunded_of_a_part_captured_reads_partly_refunded_and_the_rest_stays_due",
        "flows/test_pay.py::test_of_a_part_that_was_paid_no_more_goes_back_and_the_rest_stays_due",
        "flows/test_pay.py::test_what_costs_more_than_was_paid_waits_for_the_rest",
    ),
    "C44": (
        "flows/test_edits.py::test_c44_what_a_person_changed_is_never_overwritten_and_the_channels_word_is_shown",
    ),
    "C45": (
        "flows/test_follow_parcels.py::test_c45_each_parcel_of_an_order_has_its_own_lines_number_and_state",
    ),
    "C46": (
        "jobs/test_write_back.py::test_c46_a_parcel_is_told_with_its_number_and_the_moment_of_the_answer_is_kept",
    ),
    "C47": (
        "model/test_parcels.py::test_c47_a_word_nobody_knows_is_no_failure_of_the_parcel",
        "jobs/test_write_back.py::test_c47_a_lost_answer_is_read_back_and_not_sent_again",
    ),
    "C48": (
        "flows/test_pick.py::test_c48_a_list_that_is_given_up_leaves_the_promise_and_a_cancel_then_leaves_nothing",
        "flows/test_backorders.py::test_a_cancel_gives_its_place_in_the_queue_back",
    ),
    "C49": (
        "flows/test_as_sold.py::test_c49_carrier_and_shipping_cost_are_those_of_the_channel_and_outlive_an_edit",
        "connectors/woocommerce/test_translate.py::test_lines_shipping_and_taxes_add_up_to_the_total",
    ),
    "C50": (
        "model/test_refunds.py::test_c50_all_lines_one_unit_at_a_time_leave_nothing_pending",
        "model/test_payments.py::test_c50_no_fraction_of_a_coin_is_ever_due_or_too_much",
        "flows/test_give_back.py::test_c41_c50_all_that_has_left_is_refunded_line_by_line_and_nothing_is_pending",
    ),
    "C51": (
        GIVEN_BACK,
        "model/test_refunds.py::test_c51_a_line_is_worth_what_was_charged_for_it_whatever_a_rate_says",
    ),
    "C52": (
        GIVEN_BACK,
        "model/test_refunds.py::test_c52_a_discount_that_only_the_total_knows_of_is_given_back_by_nobody",
    ),
    "C53": (
        "model/test_bank.py::test_c53_a_transfer_in_another_currency_never_matches",
        "flows/test_bank.py::test_what_cannot_pay_is_refused",
    ),
    "C54": (
        "flows/test_as_sold.py::test_c54_a_line_costs_what_the_channel_says_whatever_our_catalog_says_then_or_later",
        "system/test_recorded_orders.py::test_recorded_orders_are_edited_shipped_taken_back_and_refunded_exactly",
    ),
    "C55": ("flows/test_take_orders.py::test_c55_an_order_is_dated_by_its_channel_not_by_its_sync",),
    "C56": (
        "connectors/woocommerce/test_fetching.py::test_c56_the_poll_asks_in_utc_whatever_zone_a_time_was_written_in",
        "connectors/woocommerce/test_fetching.py::test_the_next_scan_begins_at_the_last_order_seen_less_the_overlap",
        "connectors/square/test_channel.py::test_c56_the_poll_names_its_zone_whatever_a_time_was_written_in",
        "connectors/square/test_channel.py::test_the_next_scan_begins_at_the_last_change_less_the_overlap",
    ),
    "C57": (
        "flows/test_matching.py::test_no_sku_is_made_and_nothing_matched_without_a_person",
        "flows/test_matching.py::test_two_channels_that_share_names_do_not_share_mappings",
    ),
    "C58": (
        "flows/test_as_sold.py::test_c58_a_custom_line_is_kept_with_its_money_takes_no_stock_and_waits_for_no_sku",
        "web/test_desk_customers.py::test_a_custom_line_is_taken_without_a_sku_and_moves_no_stock",
    ),
    "C59": (
        "flows/test_as_sold.py::test_c59_an_address_is_a_snapshot_on_its_order_that_no_other_order_or_edit_changes",
        "flows/test_as_sold.py::test_c59_who_writes_from_two_addresses_is_bound_to_one_customer_by_e_mail_alone",
    ),
    "C62": (
        "kit/test_queue.py::test_a_ring_that_nobody_answers_can_be_rung_again_soon",
        "kit/test_queue.py::test_rings_that_come_at_once_wake_one_worker",
    ),
    "C63": ("kit/test_queue.py::test_c63_a_job_that_rings_itself_runs_again",),
    "C64": (
        "kit/test_queue.py::test_a_job_that_was_cut_off_runs_again",
        "system/test_the_main_job.py::test_a_thousand_orders_survive_lost_webhooks_and_killed_workers",
    ),
    "C65": (
        "jobs/test_take_inbox.py::test_the_sweep_rings_for_messages_a_flushed_redis_forgot",
        "jobs/test_push_stock.py::test_the_sweep_rings_for_what_a_flushed_redis_forgot",
    ),
    "C66": ("jobs/test_push_stock.py::test_the_sweep_rings_for_what_a_flushed_redis_forgot",),
    "C67": ("jobs/test_following.py::test_a_killed_run_goes_on_at_the_batch_it_was_in",),
    "C68": (
        "jobs/test_pace.py::test_c68_what_would_be_oversold_soonest_leaves_before_all_that_was_there_first",
        "jobs/test_lanes.py::test_c68_neither_a_backfill_nor_a_bulk_listing_delays_a_sell_out_for_what_is_reserved",
    ),
    "C69": ("jobs/test_pace.py::test_c69_every_stage_of_every_number_is_in_a_histogram",),
    "C70": (
        "channels/test_budgets.py::test_no_window_holds_more_calls_than_the_limit_however_many_ask",
        "channels/test_budgets.py::test_calls_cost_what_their_pattern_says",
    ),
    "C71": ("channels/test_transport.py::test_a_channel_is_never_called_more_often_than_it_allows",),
    "C72": (
        "jobs/test_keep_webhooks.py::test_c72_webhooks_the_channel_disabled_are_revived_and_counted_once",
    ),
    "C73": (
        "jobs/test_push_stock.py::test_dead_credentials_stop_all_calls_until_a_person_reconnects",
        "jobs/test_push_stock.py::test_a_rejected_listing_waits_with_its_problem_until_its_next_change",
    ),
}


@pytest.mark.parametrize("complaint", PROOFS)
def test_a_complaint_has_the_tests_that_make_it_impossible(complaint: str):
    for proof in PROOFS[complaint]:
        path, _, name = proof.partition("::")
        written = {
            each.name for each in ast.walk(tree_of(ROOT / "tests" / path)) if isinstance(each, FUNCTIONS)
        }
        assert name in written
