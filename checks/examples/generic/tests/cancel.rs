//! The whole suite on [`Ticket`](generic::Ticket).

cancelproof::suite!(generic::Ticket<_>);
