using Queued.Daemon.Hosting;
using Queued.Daemon.Storage.Rows;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>Whether the daemon may trust what it finds: it is sound, and nothing acknowledged is missing.</summary>
internal static partial class StoreOpening
{
    /// <exception cref="StoreDamagedException">It must not be served as it is.</exception>
    /// <returns>Also whether the daemon before did not end in order.</returns>
    public static (StoreFile File, HighWaterMark Mark, bool IsUnclean) Open(StoreOptions options, ILogger logger)
    {
        var isUnclean = false;
        var hasLog = options.HasLog;
        var isThere = options.FileSystem is not null || FileStatus.Of(options.DatabasePath) is not null;
        var mark = HighWaterMark.Open(options.HighWaterPath);
        try
        {
            if (!isThere && mark.Latest is { } left)
            {
                throw new StoreDamagedException(
                    $"the database {options.DatabasePath} is missing, and the high-water mark {mark.Path} says that " +
                    $"its commit {left.Commit} was acknowledged. {StoreDamagedException.Advice(options)}");
            }

            // Checked before it is brought to a new version: what is refused stays as it was found.
            var file = StoreFile.Open(
                options,
                (database, record) =>
                {
                    isUnclean = !record.IsClosed;
                    CheckMark(record, mark, hasLog, options, logger);
                    CheckPages(database, record, options, logger);
                },
                version => LogMigrated(logger, options.DatabasePath, version));
            try
            {
                // From here on an end without a goodbye can be told.
                file.Begin();
                file.Commit();
                // A mark speaks only of a database that says without its log which one it is.
                if (mark.Latest is null)
                {
                    file.Truncate();
                    file.BeginLog();
                }

                mark.Write(new Mark(file.Record.Database, file.Record.Number));
                return (file, mark, isUnclean);
            }
            catch (StoreFailedException e) when (e.IsDamage)
            {
                file.Dispose();
                throw new StoreDamagedException(e, options);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch
        {
            mark.Dispose();
            throw;
        }
    }

    private static void CheckPages(
        SqliteDatabase database, CommitRecord record, StoreOptions options, ILogger logger)
    {
        if (record.IsClosed) return;
        LogUnclean(logger, options.DatabasePath);
        if (StoreFile.QuickCheck(database) is { Count: > 0 } faults)
        {
            throw new StoreDamagedException(
                $"the database {options.DatabasePath} is damaged: {string.Join("; ", faults)}. " +
                StoreDamagedException.Advice(options));
        }
    }

    private static void CheckMark(
        CommitRecord record, HighWaterMark mark, bool hasLog, StoreOptions options, ILogger logger)
    {
        if (mark.Latest is not { } known)
        {
            if (record.Number > 0) LogMarkMissing(logger, mark.Path, options.DatabasePath);
            return;
        }

        if (known.Database != record.Database)
        {
            throw new StoreDamagedException(
                $"the database {options.DatabasePath} is not the one that was here before: it is " +
                $"{record.Database}, and the high-water mark {mark.Path} speaks of {known.Database}. " +
                StoreDamagedException.Advice(options));
        }

        if (known.Misses(record, hasLog))
        {
            throw new StoreDamagedException(
                $"acknowledged data has vanished from the database {options.DatabasePath}: its last commit is " +
                $"{record.Number}, and the high-water mark {mark.Path} says that {known.Commit} was " +
                $"acknowledged{(known.NeedsLog ? ", and that a log has to be there" : "")}. Its log was deleted or " +
                "cut, an old copy was put in its place, or the disk lost what it had confirmed. " +
                StoreDamagedException.Advice(options));
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The daemon before did not end in order; checks {Path}")]
    private static partial void LogUnclean(ILogger logger, string path);

    [LoggerMessage(2, LogLevel.Information, "{Path} now has version {Version} of the schema")]
    private static partial void LogMigrated(ILogger logger, string path, int version);

    [LoggerMessage(3, LogLevel.Warning,
        "The high-water mark {Mark} is missing or cannot be read, so nobody can tell whether {Path} has all that was " +
        "acknowledged; a new one is made")]
    private static partial void LogMarkMissing(ILogger logger, string mark, string path);
}
