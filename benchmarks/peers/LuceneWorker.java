import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.IntField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.misc.index.BPIndexReorderer;
import org.apache.lucene.misc.index.BPReorderingMergePolicy;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopFieldCollectorManager;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.MMapDirectory;

/**
 * Runs Lucene for lucene.py: a task on standard input, its answer on standard output; fields stand between tabs.
 *
 * <p>`build FOLDER plain|reordered THREADS ROWS`, then so many rows: title, text, source, year, date. Answers the seconds.
 * `open FOLDER`. `search PASSES LIMIT counted|uncounted ROWS`, then so many rows: query, source, first and last year,
 * `newest` or nothing, offset. Answers a row for each query of the last pass: nanoseconds of CPU and of wall, results, total
 * or -1.
 */
public final class LuceneWorker {
  private static final BufferedReader TASKS =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
  private static final PrintStream ANSWERS = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private static final Analyzer ANALYZER = new Snowball();
  private static IndexSearcher searcher;

  /** Stems as Stemma and Tantivy do; EnglishAnalyzer has Porter's first stemmer. */
  private static final class Snowball extends Analyzer {
    @Override
    protected TokenStreamComponents createComponents(String field) {
      Tokenizer words = new StandardTokenizer();
      return new TokenStreamComponents(words, new SnowballFilter(new LowerCaseFilter(words), "English"));
    }
  }

  public static void main(String[] arguments) throws Exception {
    for (String line = TASKS.readLine(); line != null; line = TASKS.readLine()) {
      String[] task = line.split("\t");
      switch (task[0]) {
        case "build" -> build(Path.of(task[1]), task[2], Integer.parseInt(task[3]), rows(task[4]));
        case "open" -> open(Path.of(task[1]));
        case "search" -> search(Integer.parseInt(task[1]), Integer.parseInt(task[2]), task[3], rows(task[4]));
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  private static List<String> rows(String count) throws Exception {
    List<String> rows = new ArrayList<>();
    for (int left = Integer.parseInt(count); left > 0; left--) rows.add(TASKS.readLine());
    return rows;
  }

  private static void build(Path folder, String order, int threads, List<String> rows) throws Exception {
    long started = System.nanoTime();
    IndexWriterConfig config = new IndexWriterConfig(ANALYZER).setRAMBufferSizeMB(512).setUseCompoundFile(false);
    if (order.equals("reordered")) {
      config.setMergePolicy(new BPReorderingMergePolicy(new TieredMergePolicy(), new BPIndexReorderer()));
    }
    try (MMapDirectory directory = new MMapDirectory(folder);
        IndexWriter writer = new IndexWriter(directory, config);
        var pool = Executors.newFixedThreadPool(threads)) {
      int parts = Math.max(2, threads); // of one segment alone nothing would be merged, and so nothing reordered
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int part = 0; part < parts; part++) {
        int first = (int) ((long) rows.size() * part / parts);
        int last = (int) ((long) rows.size() * (part + 1) / parts);
        tasks.add(() -> add(writer, rows.subList(first, last)));
      }
      for (var done : pool.invokeAll(tasks)) done.get();
      writer.forceMerge(1);
      writer.commit();
    }
    ANSWERS.println((System.nanoTime() - started) / 1e9);
  }

  private static Void add(IndexWriter writer, List<String> rows) throws Exception {
    for (String row : rows) writer.addDocument(document(row.split("\t", -1)));
    writer.flush();
    return null;
  }

  private static Document document(String[] row) {
    Document document = new Document();
    if (!row[0].isEmpty()) document.add(new TextField("text", row[0], Field.Store.YES));
    document.add(new TextField("text", row[1], Field.Store.YES));
    document.add(new StringField("source", row[2], Field.Store.YES));
    document.add(new IntField("year", Integer.parseInt(row[3]), Field.Store.YES));
    document.add(new NumericDocValuesField("date", Long.parseLong(row[4])));
    return document;
  }

  private static void open(Path folder) throws Exception {
    searcher = new IndexSearcher(DirectoryReader.open(new MMapDirectory(folder)));
    searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
    searcher.setQueryCache(null);
    ANSWERS.println(org.apache.lucene.util.Version.LATEST);
  }

  private static void search(int passes, int limit, String counted, List<String> rows) throws Exception {
    var clock = ManagementFactory.getThreadMXBean();
    int enough = counted.equals("counted") ? Integer.MAX_VALUE : limit;
    List<String> answers = new ArrayList<>();
    for (int pass = 0; pass < passes; pass++) {
      answers.clear();
      for (String text : rows) {
        String[] row = text.split("\t", -1);
        int offset = Integer.parseInt(row[5]);
        long wall = System.nanoTime();
        long cpu = clock.getCurrentThreadCpuTime();
        TopDocs found = ask(row, offset + limit, Math.max(enough, offset + limit));
        cpu = clock.getCurrentThreadCpuTime() - cpu;
        wall = System.nanoTime() - wall;
        boolean exact = enough > limit && found.totalHits.relation() == TotalHits.Relation.EQUAL_TO;
        int shown = Math.max(0, found.scoreDocs.length - offset);
        answers.add(cpu + "\t" + wall + "\t" + shown + "\t" + (exact ? found.totalHits.value() : -1));
      }
    }
    answers.forEach(ANSWERS::println);
  }

  private static TopDocs ask(String[] row, int rows, int enough) throws Exception {
    Query query = new QueryParser("text", ANALYZER).parse(row[0]);
    BooleanQuery.Builder filtered = new BooleanQuery.Builder().add(query, Occur.MUST);
    if (!row[1].isEmpty()) filtered.add(new TermQuery(new Term("source", row[1])), Occur.FILTER);
    if (!row[2].isEmpty()) {
      filtered.add(IntField.newRangeQuery("year", Integer.parseInt(row[2]), Integer.parseInt(row[3])), Occur.FILTER);
    }
    if (!row[1].isEmpty() || !row[2].isEmpty()) query = filtered.build();
    if (row[4].isEmpty()) return searcher.search(query, new TopScoreDocCollectorManager(rows, null, enough));
    Sort newest = new Sort(new SortField("date", SortField.Type.LONG, true), SortField.FIELD_DOC);
    return searcher.search(query, new TopFieldCollectorManager(newest, rows, null, enough));
  }
}
