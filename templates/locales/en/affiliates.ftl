# The page of the affiliate centre.

affiliates-none = You are not enrolled as an affiliate of { $portal }.
affiliates-link = Your link
affiliates-link-hint = Pass it on: clicks and sales that come from it are counted for you.
affiliates-paused = { $portal } has paused your link: clicks are not counted at the moment.
affiliates-copy = Copy link
affiliates-copied = Copied
affiliates-clicks = Clicks
affiliates-sales = Sales
affiliates-sum-pending = Pending commission
affiliates-sum-approved = Approved commission
affiliates-sum-paid = Paid commission
affiliates-sum-denied = Denied commission
affiliates-last-sales = Latest sales
affiliates-no-sales = No sales yet.
affiliates-date = Date
affiliates-amount = Amount
affiliates-commission = Commission
affiliates-status = Status
affiliates-pending = Pending
affiliates-approved = Approved
affiliates-paid = Paid
affiliates-denied = Denied
