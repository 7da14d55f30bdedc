namespace Queued.Daemon.Hosting;

/// <summary>Who is at the other end of a Unix socket, as the kernel says.</summary>
/// <param name="UserId">Effective user of the process that called connect.</param>
/// <param name="GroupId">Its effective group.</param>
/// <param name="ProcessId">Its number then; for logs, it may be another's by now.</param>
internal readonly record struct PeerCredential(uint UserId, uint GroupId, int ProcessId);
