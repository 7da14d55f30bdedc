namespace Queued.Daemon.Hosting;

/// <summary>
/// Who is at the other end of a Unix socket, as the kernel says. A feature of the connection and of its requests;
/// a connection without one came by TCP.
/// </summary>
/// <param name="UserId">Effective user of the process that called connect.</param>
/// <param name="GroupId">Its effective group.</param>
/// <param name="ProcessId">Its number then; for logs, it may be another's by now.</param>
internal sealed record PeerCredential(uint UserId, uint GroupId, int ProcessId)
{
    /// <summary>Null: the caller came by TCP, and nothing is known of it.</summary>
    public static PeerCredential? Of(HttpContext context) => context.Features.Get<PeerCredential>();
}
