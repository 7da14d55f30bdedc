using System.CommandLine;
using System.Globalization;
using Queued.Daemon.Hosting.Configuration;
using Queued.Daemon.Storage;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Hosting;

/// <summary>The verbs for a store whose daemon does not run: check, repair and restore.</summary>
internal static class StoreVerbs
{
    public static StoreOptions Options(string directory, DaemonConfiguration configuration) => new()
    {
        Directory = directory,
        MarkPath = configuration.Storage.HighWaterPath,
        FreeBytesMin = configuration.Storage.FreeBytesMin,
        FreePercentMin = (int)configuration.Storage.FreePercentMin,
        CheckpointBytes = configuration.Storage.CheckpointBytes,
        LogBytesMax = configuration.Storage.LogBytesMax,
        CacheBytes = configuration.Storage.CacheBytes,
        GroupChangesMax = (int)configuration.Storage.GroupChangesMax,
        GroupBytesMax = (int)configuration.Storage.GroupBytesMax,
    };

    public static Command Check()
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "A backup to check. Default: the store of the data directory.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "check", "Reads every byte of a store that no daemon uses, or of a backup, and says what is wrong. Exit " +
            "65 where something is.")
        { file };
        var options = new ConfigurationOptions(command);
        command.SetAction(parsed => parsed.GetValue(file) is { } path
            ? CheckFile(Path.GetFullPath(path), null)
            : WithStore(options, parsed, store => CheckFile(store.DatabasePath, store)));
        return command;
    }

    public static Command Repair()
    {
        var acceptLoss = new Option<bool>("--accept-loss")
        {
            Description = "Go on where acknowledged data is lost. Without it nothing is changed then.",
        };
        var command = new Command(
            "repair", "Makes a damaged store usable again; what was there before is kept aside. Exit 65 where that " +
            "would lose data.")
        { acceptLoss };
        var options = new ConfigurationOptions(command);
        command.SetAction(parsed => WithStore(options, parsed, store =>
            Report(new StoreRepair(store, TimeProvider.System, parsed.GetValue(acceptLoss)).Run(),
                "queued: nothing was changed; to go on with that loss, add --accept-loss")));
        return command;
    }

    public static Command Restore()
    {
        var file = new Argument<string>("FILE") { Description = "A backup, made by 'queuectl backup'." };
        var command = new Command(
            "restore", "Puts a backup in the place of the store; what was there before is kept aside.") { file };
        var options = new ConfigurationOptions(command);
        command.SetAction(parsed => WithStore(options, parsed, store =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            if (!File.Exists(path)) throw new StartupException(ExitCode.NoInput, $"there is no file {path}");
            return Report(new StoreRepair(store, TimeProvider.System, acceptLoss: false).Restore(path),
                $"queued: {path} is damaged; nothing was changed");
        }));
        return command;
    }

    private static int WithStore(ConfigurationOptions options, ParseResult parsed, Func<StoreOptions, int> act)
    {
        var configuration = options.LoadWithPaths(parsed);
        using var data = DataDirectory.Open(configuration.Daemon.DataDirectory ?? DataDirectory.DefaultPath());
        return Guarded(() => act(Options(data.Path, configuration)));
    }

    private static int Guarded(Func<int> act)
    {
        try
        {
            return act();
        }
        catch (StoreFailedException e)
        {
            throw new StartupException(e.ExitCode, e.Message);
        }
    }

    private static int CheckFile(string path, StoreOptions? store) => Guarded(() =>
    {
        if (!File.Exists(path)) throw new StartupException(ExitCode.NoInput, $"there is no database {path}");
        var hasLog = store is { HasLog: true };
        using var database = SqliteDatabase.Open(
            path, store is null ? SqliteAccess.ReadOnly : SqliteAccess.ReadWrite);
        if (store is not null)
        {
            // The index of the log stays in memory, and the log stays as it is.
            database.Execute("PRAGMA locking_mode = EXCLUSIVE", "settings");
            database.ForbidCheckpointOnClose();
        }

        StoreFile.CheckIdentity(database, new StoreOptions { Directory = Path.GetDirectoryName(path)! });

        var report = StoreCheck.Run(database);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{path}: {report.Tasks} tasks, {report.Quarantined} rows in quarantine, commit {report.Record.Number}, " +
            $"schema {StoreSchema.VersionOf(database)}"));
        var faults = report.Faults.Concat(report.Damaged.Select(row => row.Row.ToString())).ToList();
        if (store is not null && HighWaterMark.Peek(store.HighWaterPath) is { } mark
            && (mark.Database != report.Record.Database || mark.Misses(report.Record, hasLog)))
        {
            faults.Add($"acknowledged data is missing: the high-water mark {store.HighWaterPath} speaks of commit " +
                $"{mark.Commit} of {mark.Database}{(mark.NeedsLog ? " and its log" : "")}, the database is at " +
                $"{report.Record.Number} of {report.Record.Database}");
        }

        foreach (var fault in faults) Console.Out.WriteLine($"  {fault}");
        Console.Out.WriteLine(faults.Count == 0 ? $"{path}: sound" : $"{path}: damaged");
        return faults.Count == 0 ? ExitCode.Success : ExitCode.Damaged;
    });

    private static int Report(RepairReport report, string refusal)
    {
        foreach (var done in report.Done) Console.Out.WriteLine(done);
        foreach (var loss in report.Losses) Console.Out.WriteLine($"lost: {loss}");
        if (!report.IsMended)
        {
            Console.Error.WriteLine(refusal);
            return ExitCode.Damaged;
        }

        Console.Out.WriteLine(report.Done.Count == 0 ? "nothing to mend" : "the store can be used");
        return ExitCode.Success;
    }
}
