//! Connects the page: the socket's messages go to the client if they answer it, else to the store.

use super::client::Client;
use super::fold::OutOfOrder;
use super::socket::{Handlers, Socket};
use super::store::Store;
use leptos::prelude::*;
use tunemask_shared::protocol::FromServer;

/// Opens the socket, and provides it, the [`Store`] and the [`Client`] to all that is below.
pub fn connect() {
    let socket = Socket::new();
    let (store, client) = (Store::new(), Client::new(socket));
    provide_context(socket);
    provide_context(store);
    provide_context(client);
    socket.open(Handlers {
        message: Box::new(move |message| receive(store, client, message)),
        lost: Box::new(move || client.connection_lost()),
    });
}

fn receive(store: Store, client: Client, message: FromServer) -> Result<(), OutOfOrder> {
    let Some(message) = client.take_answer(message) else { return Ok(()) };
    if store.fold(message)?.anew {
        client.forget_plans();
        let there = |id| store.overview.with_untracked(|overview| overview.experiments.contains_key(&id));
        let watch = store.watched();
        if !watch.is_empty() && watch.iter().all(|watch| there(watch.experiment_id)) {
            client.watch(watch);
        }
    }
    Ok(())
}
