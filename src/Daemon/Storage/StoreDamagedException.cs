using Queued.Daemon.Hosting;

namespace Queued.Daemon.Storage;

/// <summary>The daemon must not start on this store: it is damaged, or acknowledged data is missing from it.</summary>
internal sealed class StoreDamagedException(string message) : StartupException(Hosting.ExitCode.Damaged, message)
{
    public StoreDamagedException(StoreFailedException failure, StoreOptions options)
        : this($"{failure.Message}. {Advice(options)}")
    {
    }

    /// <summary>The end of every such message: what to do.</summary>
    public static string Advice(StoreOptions options) =>
        $"See what is left with 'queued check --data {options.Directory}'; mend it with " +
        $"'queued repair --data {options.Directory}', or put a backup in its place with " +
        $"'queued restore FILE --data {options.Directory}'";
}
