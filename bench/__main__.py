"""All benches, one after the other; each ends with its line of JSON."""

from bench import buffer, first_order, intake, soak, stock, sync

intake.main.main(args=[], standalone_mode=False)
stock.main.main(args=[], standalone_mode=False)
soak.main.main(args=[], standalone_mode=False)
sync.main.main(args=[], standalone_mode=False)
buffer.main.main(args=[], standalone_mode=False)
first_order.main.main(args=[], standalone_mode=False)
